// Imports models of brain.js, from either of the two formats of net.toJSON().
import { NN, type Activation } from "../index.js";
import { show } from "../options/checks.js";
import { asFormatErrors, list, malformed, record } from "./foreign.js";

/** A layer in either format: a row of weights and a bias for each unit. */
interface Units {
  weights: number[][];
  biases: number[];
}

interface Description {
  inputs: number;
  layers: Units[];
  activation: unknown;
  alpha: unknown;
  /** Whether leaky ReLU gives 0 below 0 and alpha times the sum above. */
  isTruncated: boolean;
  names: { inputs?: string[]; outputs?: string[] };
}

/**
 * Creates a network from `net.toJSON()` of brain.js 1.x or 2.x: a feed-forward `NeuralNetwork` or `NeuralNetworkGPU`.
 *
 * Predictions equal those of `net.run`, as arrays in the order of the units. The keys of object inputs and outputs are kept in
 * `nn.metadata` as `{ inputs: [...], outputs: [...] }`. The network computes in float64, as brain.js does; its loss is
 * `halfSquaredError`, which brain.js minimises, its optimizer `adam`.
 * @throws ModelFormatError for anything else, including recurrent networks and leaky slopes other than 0.01
 * @example
 * const nn = fromBrain(JSON.parse(text));
 * nn.predict([0, 1]);
 */
export function fromBrain(json: unknown): NN {
  return asFormatErrors(() => {
    const { inputs, layers, names, ...rest } = read(record(json, "json"));
    const { activation, factor } = activationOf(rest);
    const weights = layers.map(({ weights, biases }) => ({
      kernel: Float64Array.from(
        { length: inputsOf(weights) * biases.length },
        (_, i) => factor * weights[i % biases.length][Math.floor(i / biases.length)],
      ),
      bias: Float64Array.from(biases, (bias) => factor * bias),
    }));
    const nn = new NN({
      layers: [inputs, ...layers.map(({ biases }) => ({ units: biases.length, activation }))],
      loss: "halfSquaredError",
      dtype: "float64",
    });
    nn.setWeights(weights);
    if (names.inputs || names.outputs) nn.metadata = names;
    return nn;
  });
}

const inputsOf = (weights: number[][]): number => weights[0]?.length ?? 0;

function read(json: Record<string, unknown>): Description {
  const { type = "NeuralNetwork" } = json;
  if (type !== "NeuralNetwork" && type !== "NeuralNetworkGPU") {
    malformed(`json.type is ${show(type)}; fromBrain reads "NeuralNetwork" and "NeuralNetworkGPU", which are feed-forward`);
  }
  const layers = list(json["layers"], "json.layers");
  if (layers.length < 2) malformed(`json.layers is ${show(layers)}; it must have a layer of inputs and one of outputs at least`);
  const isSecond = Array.isArray(record(layers[1], "json.layers[1]")["weights"]);
  const description = isSecond ? readSecond(json, layers, type) : readFirst(json, layers);
  const found = [description.inputs, ...description.layers.map(({ biases }) => biases.length)];
  const sizes = json["sizes"];
  if (sizes !== undefined && String(list(sizes, "json.sizes").slice(0, found.length + 1)) !== String(found)) {
    malformed(`json.sizes is not ${found.join(", ")}, which are the sizes of json.layers`);
  }
  return description;
}

/** The format of 1.x and earlier: units and weights by name. */
function readFirst(json: Record<string, unknown>, layers: readonly unknown[]): Description {
  let below: string[] = [];
  const units = Array.from(layers, (value, l): Units => {
    const layer = record(value, `json.layers[${l}]`);
    const keys = Object.keys(layer);
    const described = l
      ? keys.map((key) => {
          const where = `json.layers[${l}].${key}`;
          const unit = record(layer[key], where);
          const weights = record(unit["weights"], where + ".weights");
          if (Object.keys(weights).length !== below.length) {
            malformed(`${where}.weights must have ${below.length} numbers, one for each unit below`);
          }
          return {
            weights: below.map((name) =>
              number(Object.hasOwn(weights, name) ? weights[name] : undefined, `${where}.weights.${name}`),
            ),
            bias: number(unit["bias"], where + ".bias"),
          };
        })
      : [];
    below = keys;
    return { weights: described.map(({ weights }) => weights), biases: described.map(({ bias }) => bias) };
  });
  // The flags for names are unreliable: a network that was loaded and saved again always has them.
  const namesOf = (layer: unknown): string[] | undefined => {
    const keys = Object.keys(layer as object);
    return keys.some((key, i) => key !== String(i)) ? keys : undefined;
  };
  return {
    inputs: Object.keys(layers[0] as object).length,
    layers: units.slice(1),
    activation: json["activation"] ?? "sigmoid",
    alpha: json["leakyReluAlpha"] ?? 0.01,
    isTruncated: true,
    names: named(namesOf(layers[0]), namesOf(layers.at(-1))),
  };
}

/** The format of 2.x: weights and biases as lists. */
function readSecond(json: Record<string, unknown>, layers: readonly unknown[], type: string): Description {
  let below = -1;
  const units = Array.from(layers.slice(1), (value, i): Units => {
    const where = `json.layers[${i + 1}]`;
    const layer = record(value, where);
    const biases = Array.from(list(layer["biases"], where + ".biases"), (bias, u) => number(bias, `${where}.biases[${u}]`));
    const rows = list(layer["weights"], where + ".weights");
    if (rows.length !== biases.length) malformed(`${where}.weights has ${rows.length} rows; there are ${biases.length} biases`);
    const weights = Array.from(rows, (value, u) => {
      const row = list(value, `${where}.weights[${u}]`);
      if (below < 0) below = row.length;
      if (row.length !== below) malformed(`${where}.weights[${u}] has ${row.length} numbers; it must have ${below}`);
      return Array.from(row, (weight, k) => number(weight, `${where}.weights[${u}][${k}]`));
    });
    below = biases.length;
    return { weights, biases };
  });
  const namesOf = (name: string, size: number): string[] | undefined => {
    if ((json[name] ?? null) === null) return undefined;
    const entries = Object.entries(record(json[name], "json." + name)).sort(([, a], [, b]) => Number(a) - Number(b));
    if (entries.length === size && entries.every(([, index], i) => index === i)) return entries.map(([key]) => key);
    malformed(`json.${name} must have an index for each of ${size} names, from 0`);
  };
  const inputs = inputsOf(units[0].weights);
  const trained = json["trainOpts"] === undefined ? {} : record(json["trainOpts"], "json.trainOpts");
  const isTruncated = type === "NeuralNetworkGPU";
  return {
    inputs,
    layers: units,
    activation: trained["activation"] ?? "sigmoid",
    // Its GPU kernels have this slope only.
    alpha: isTruncated ? 0.01 : (trained["leakyReluAlpha"] ?? 0.01),
    isTruncated,
    names: named(namesOf("inputLookup", inputs), namesOf("outputLookup", units.at(-1)!.biases.length)),
  };
}

const named = (inputs: string[] | undefined, outputs: string[] | undefined): Description["names"] => ({
  ...(inputs && { inputs }),
  ...(outputs && { outputs }),
});

function number(value: unknown, name: string): number {
  if (typeof value === "number" && Number.isFinite(value)) return value;
  malformed(`${name} is ${show(value)}; it must be a finite number`);
}

/** The activation, and the factor of weights and biases that it needs. */
function activationOf({ activation, alpha, isTruncated }: Pick<Description, "activation" | "alpha" | "isTruncated">): {
  activation: Exclude<Activation, "softmax">;
  factor: number;
} {
  if (activation === "sigmoid" || activation === "relu" || activation === "tanh") return { activation, factor: 1 };
  if (activation !== "leaky-relu") {
    malformed(`activation is ${show(activation)}; brain.js has sigmoid, relu, leaky-relu and tanh`);
  }
  // 1.x and the GPU kernels of 2.x compute sum < 0 ? 0 : alpha · sum, which is the relu of alpha · sum.
  if (isTruncated && typeof alpha === "number" && alpha > 0) return { activation: "relu", factor: alpha };
  if (!isTruncated && alpha === 0.01) return { activation: "leakyRelu", factor: 1 };
  malformed(`leakyReluAlpha is ${show(alpha)}; it must be ${isTruncated ? "above 0" : "0.01, the slope of leakyRelu"}`);
}
