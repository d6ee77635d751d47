// First weights: one seeded stream for the whole network, layer by layer, row by row, so that a seed means the same
// network in every engine and, up to rounding, in both precisions.
import { emptyBlock } from "./parameters.js";
import { normals, Stream, streamSeed, uniform, xoshiro128 } from "./random.js";
import type { Dtype, Initializer, Layer, LayerParameters } from "./spec.js";

/**
 * The parameters of a new network: kernels by each layer's initializer, biases zero.
 *
 * - `fanInNormal`: LeCun, Bottou, Orr & Müller, "Efficient BackProp" (1998), §4.6.
 * - `glorotUniform`, `glorotNormal`: Glorot & Bengio, "Understanding the difficulty of training deep feedforward
 *   neural networks" (2010), eq. 16 and 12. The normal form is not truncated.
 * - `heNormal`, `heUniform`: He, Zhang, Ren & Sun, "Delving deep into rectifiers" (2015), eq. 10.
 */
export function initialParameters(layers: readonly Layer[], dtype: Dtype, seed: number): LayerParameters[] {
  const random = xoshiro128(streamSeed(seed, Stream.Weights));
  const normal = normals(random);
  const positive = (): number => uniform(random);
  const symmetric = (): number => 2 * positive() - 1;
  const parameters = emptyBlock({ layers, dtype });
  layers.forEach(({ inputs, units, initializer }, l) => {
    const draws: Record<Initializer, readonly [scale: number, draw: () => number]> = {
      fanInNormal: [1 / Math.sqrt(inputs), normal],
      glorotUniform: [Math.sqrt(6 / (inputs + units)), symmetric],
      glorotNormal: [Math.sqrt(2 / (inputs + units)), normal],
      heNormal: [Math.sqrt(2 / inputs), normal],
      heUniform: [Math.sqrt(6 / inputs), symmetric],
      uniform: [1, positive],
      zeros: [0, () => 0],
    };
    const [scale, draw] = draws[initializer];
    const { kernel } = parameters[l];
    for (let i = 0; i < kernel.length; i++) kernel[i] = scale * draw();
  });
  return parameters;
}
