// First weights: one seeded stream for the whole network, layer by layer, row by row, so that a seed means the same
// network in every engine and, up to rounding, in both precisions.
import { emptyBlock } from "./parameters.js";
import { integers, normals, seededState, Stream, streamSeed, uniform } from "./random.js";
import type { Dtype, FloatArray, Initializer, Layer, LayerParameters } from "./spec.js";

/**
 * The parameters of a new network: kernels by each layer's initializer, biases zero.
 *
 * - `fanInNormal`: LeCun, Bottou, Orr & Müller, "Efficient BackProp" (1998), §4.6.
 * - `glorotUniform`, `glorotNormal`: Glorot & Bengio, "Understanding the difficulty of training deep feedforward
 *   neural networks" (2010), eq. 16 and 12. The normal form is not truncated.
 * - `heNormal`, `heUniform`: He, Zhang, Ren & Sun, "Delving deep into rectifiers" (2015), eq. 10.
 */
export function initialParameters(layers: readonly Layer[], dtype: Dtype, seed: number): LayerParameters[] {
  const state = seededState(streamSeed(seed, Stream.Weights));
  const random = integers(state);
  const normal = normals(state);
  const uniformly = (lowest: number) => (out: FloatArray, scale: number): void => {
    for (let i = 0; i < out.length; i++) out[i] = scale * ((1 - lowest) * uniform(random) + lowest);
  };
  const symmetric = uniformly(-1);
  const parameters = emptyBlock({ layers, dtype });
  layers.forEach(({ inputs, units, initializer }, l) => {
    const fills: Record<Initializer, readonly [scale: number, fill: (out: FloatArray, scale: number) => void]> = {
      fanInNormal: [1 / Math.sqrt(inputs), normal],
      glorotUniform: [Math.sqrt(6 / (inputs + units)), symmetric],
      glorotNormal: [Math.sqrt(2 / (inputs + units)), normal],
      heNormal: [Math.sqrt(2 / inputs), normal],
      heUniform: [Math.sqrt(6 / inputs), symmetric],
      uniform: [1, uniformly(0)],
      zeros: [0, () => {}],
    };
    const [scale, fill] = fills[initializer];
    fill(parameters[l].kernel, scale);
  });
  return parameters;
}
