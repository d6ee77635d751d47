// Initial weights, drawn from one seeded stream for the whole network, layer by layer and row by row. A seed gives the same network in
// every engine and, up to rounding, in both precisions.
import { emptyBlock } from "./parameters.js";
import { integers, normals, seededState, Stream, streamSeed, uniform } from "./random.js";
import {
  INITIALIZER_FACTS,
  type Dtype,
  type FloatArray,
  type InitializerFacts,
  type Layer,
  type LayerParameters,
} from "./spec.js";

/** The parameters of a new network, drawn by each layer's initializer. */
export function initialParameters(layers: readonly Layer[], dtype: Dtype, seed: number): LayerParameters[] {
  const state = seededState(streamSeed(seed, Stream.Weights));
  const random = integers(state);
  const uniformFrom =
    (lowest: number) =>
    (out: FloatArray, scale: number): void => {
      for (let i = 0; i < out.length; i++) out[i] = scale * ((1 - lowest) * uniform(random) + lowest);
    };
  const draw: Record<InitializerFacts["distribution"], (out: FloatArray, scale: number) => void> = {
    normal: normals(state),
    symmetric: uniformFrom(-1),
    unit: uniformFrom(0),
    zero: () => {},
  };
  const parameters = emptyBlock({ layers, dtype });
  layers.forEach(({ inputs, units, initializer }, l) => {
    const { distribution, scale, biases } = INITIALIZER_FACTS[initializer];
    const { kernel, bias } = parameters[l];
    draw[distribution](kernel, scale(inputs, units));
    if (biases && bias) draw[distribution](bias, scale(inputs, units));
  });
  return parameters;
}
