// One flat array of parameters, seen as layers.
import type { FloatArray, Layer, LayerParameters } from "../spec.js";

/** A flat array's parts as layers: each one's kernel, then its bias. */
export function viewLayers(layers: readonly Layer[], flat: FloatArray): LayerParameters[] {
  let at = 0;
  const take = (length: number): FloatArray => flat.subarray(at, (at += length));
  return layers.map(({ inputs, units, bias }) => {
    const kernel = take(inputs * units);
    return bias ? { kernel, bias: take(units) } : { kernel };
  });
}

export function copyLayers(layers: readonly LayerParameters[]): LayerParameters[] {
  return layers.map(({ kernel, bias }) => ({ kernel: kernel.slice(), ...(bias && { bias: bias.slice() }) }));
}

export function assignLayers(to: readonly LayerParameters[], from: readonly LayerParameters[]): void {
  to.forEach(({ kernel, bias }, l) => {
    kernel.set(from[l].kernel);
    bias?.set(from[l].bias ?? []);
  });
}
