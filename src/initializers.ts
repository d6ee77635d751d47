// First weights: one seeded stream for the whole network, layer by layer, row by row, so that a seed means the same
// network in every engine and, up to rounding, in both precisions.
import { createArray } from "./parameters.js";
import { Stream, Xoshiro128, streamSeed } from "./random.js";
import type { Dtype, Initializer, Layer, LayerParameters } from "./spec.js";

/** A source of weights for a layer of `units` outputs of `inputs` inputs. */
type Draw = (random: Xoshiro128, inputs: number, units: number) => () => number;

/**
 * - `fanInNormal`: LeCun, Bottou, Orr & Müller, "Efficient BackProp" (1998), §4.6.
 * - `glorotUniform`, `glorotNormal`: Glorot & Bengio, "Understanding the difficulty of training deep feedforward
 *   neural networks" (2010), eq. 16 and 12. The normal form is not truncated.
 * - `heNormal`, `heUniform`: He, Zhang, Ren & Sun, "Delving deep into rectifiers" (2015), eq. 10.
 */
const draws: Record<Initializer, Draw> = {
  fanInNormal: (random, inputs) => normal(random, 1 / Math.sqrt(inputs)),
  glorotUniform: (random, inputs, units) => symmetric(random, Math.sqrt(6 / (inputs + units))),
  glorotNormal: (random, inputs, units) => normal(random, Math.sqrt(2 / (inputs + units))),
  heNormal: (random, inputs) => normal(random, Math.sqrt(2 / inputs)),
  heUniform: (random, inputs) => symmetric(random, Math.sqrt(6 / inputs)),
  uniform: (random) => () => random.uniform(),
  zeros: () => () => 0,
};

/** The parameters of a new network: kernels by each layer's initializer, biases zero. */
export function initialParameters(layers: readonly Layer[], dtype: Dtype, seed: number): LayerParameters[] {
  const random = new Xoshiro128(streamSeed(seed, Stream.Weights));
  return layers.map(({ inputs, units, bias, initializer }) => {
    const kernel = createArray(dtype, inputs * units);
    const draw = draws[initializer](random, inputs, units);
    for (let i = 0; i < kernel.length; i++) kernel[i] = draw();
    return bias ? { kernel, bias: createArray(dtype, units) } : { kernel };
  });
}

/** Normal with mean 0 and the given standard deviation. */
function normal(random: Xoshiro128, deviation: number): () => number {
  return () => deviation * random.normal();
}

/** Uniform in [−limit, limit). */
function symmetric(random: Xoshiro128, limit: number): () => number {
  return () => limit * (2 * random.uniform() - 1);
}
