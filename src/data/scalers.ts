// A network's scalers, for inputs and targets: given by the options or fitted on rows.
import type { Cooperative, Rows, Samples } from "../engine/engine.js";
import { ACTIVATION_FACTS, inputsOf, isCrossentropy, outputsOf, type Scaling } from "../model/spec.js";
import { outOfRange } from "../options/checks.js";
import type { ColumnScaling, Settings } from "../options/network-types.js";
import type { DataRows } from "./rows.js";
import { scaledRows, ScalerFit, type Limits, type Scaler } from "./scaling.js";

export interface Scalers {
  readonly input: Scaler | undefined;
  readonly target: Scaler | undefined;
}

/** The range of the last layer's outputs, if limited. Cross-entropies check their own targets. */
export function outputLimits({ spec, targetScaling }: Settings): Limits | undefined {
  const { activation } = spec.layers.at(-1)!;
  const [low, high] = ACTIVATION_FACTS[activation].range;
  if (isCrossentropy(spec.loss) || (low === -Infinity && high === Infinity)) return undefined;
  const range = high === Infinity ? `${low} and more` : `${low} to ${high}`;
  const remedy = targetScaling === "none" ? `targetScaling: "minmax"` : `targetScaling "minmax" instead`;
  return {
    low,
    high,
    why:
      `the last layer's ${activation} outputs ${range}: use ${remedy}, or a last layer that reaches it, ` +
      `as activation "linear" does, or loss "meanSquaredError" where that layer names none`,
  };
}

/** Whether a scaling is fitted on rows. */
export const isFitted = (scaling: Scaling | ColumnScaling): scaling is "standard" | "minmax" =>
  scaling === "standard" || scaling === "minmax";

/** The scalers given as numbers by the options; undefined if some have to be fitted first, or there are none. */
export function givenScalers({ inputScaling, targetScaling }: Settings): Scalers | undefined {
  if (isFitted(inputScaling) || isFitted(targetScaling)) return undefined;
  const [input, target] = [inputScaling, targetScaling].map(scalerOf);
  return input || target ? { input, target } : undefined;
}

const scalerOf = (scaling: Scaling | ColumnScaling): Scaler | undefined =>
  typeof scaling === "object" ? { shift: Float64Array.from(scaling.shift), scale: Float64Array.from(scaling.scale) } : undefined;

/** Fits scalers on rows in one piece or several. */
export class ScalersFit {
  readonly #settings: Settings;
  readonly #input: ScalerFit | undefined;
  readonly #target: ScalerFit | undefined;

  constructor(settings: Settings) {
    const { inputScaling, targetScaling, spec } = settings;
    this.#settings = settings;
    this.#input = isFitted(inputScaling) ? new ScalerFit(inputScaling, inputsOf(spec)) : undefined;
    this.#target = isFitted(targetScaling) ? new ScalerFit(targetScaling, outputsOf(spec)) : undefined;
  }

  *add({ x, y }: Samples): Cooperative<void> {
    if (this.#input) yield* this.#input.add(x);
    if (this.#target) yield* this.#target.add(y);
  }

  finish(): Scalers {
    const { inputScaling, targetScaling } = this.#settings;
    return { input: this.#input?.finish() ?? scalerOf(inputScaling), target: this.#target?.finish() ?? scalerOf(targetScaling) };
  }
}

/** Scalers for a first training step without targets: only the inputs' scaler can be fitted. */
export function* fitInputScaler(settings: Settings, x: Rows): Cooperative<Scalers> {
  if (isFitted(settings.targetScaling)) {
    outOfRange(
      `targetScaling is "${settings.targetScaling}", which is fitted on targets, but a loss function has none; ` +
        "call fit with targets first, or give targetScaling: { shift, scale }",
    );
  }
  return yield* fitScalers(settings, { x, y: x });
}

/** Scalers fitted on these rows. */
export function* fitScalers(settings: Settings, pair: Samples): Cooperative<Scalers> {
  const fit = new ScalersFit(settings);
  yield* fit.add(pair);
  return fit.finish();
}

/** Scaled rows and targets. */
export function scaleSamples({ x, y }: Samples<DataRows>, scalers: Scalers, limits?: Limits): Samples {
  return { x: scaledRows(x, scalers.input), y: scaledRows(y, scalers.target, limits) };
}

/**
 * Scaled rows and targets for training. With `minmax`, targets are not limited: later ones may be slightly beyond those that the scaler was
 * fitted on.
 */
export function scaleTrainingSamples(settings: Settings, pair: Samples<DataRows>, scalers: Scalers): Samples {
  const { targetScaling } = settings;
  return scaleSamples(pair, scalers, targetScaling === "minmax" ? undefined : outputLimits(settings));
}
