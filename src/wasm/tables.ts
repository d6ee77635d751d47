// What the kernels read of a network, written once into its memory: the header and the layer table (abi.ts).
import { type Activation, Address, Field, Header, type Loss, Optimizer } from "../../assembly/abi.js";
import type { NetworkLayout } from "../layout.js";
import { ACTIVATIONS, LOSSES, type ModelSpec } from "../spec.js";

/** @param threads how many threads will share the work */
export function writeTables(buffer: ArrayBufferLike, spec: ModelSpec, layout: NetworkLayout, threads: number): void {
  writeHeader(buffer, spec, layout, threads);
  spec.layers.forEach((_, i) => writeLayer(buffer, spec, layout, i));
}

function writeHeader(buffer: ArrayBufferLike, spec: ModelSpec, layout: NetworkLayout, threads: number): void {
  const { optimizer } = spec;
  const integers: [Header, number][] = [
    [Header.LayerCount, layout.layers.length],
    [Header.Parameters, layout.parameters],
    [Header.ParameterBytes, layout.parameterBytes],
    [Header.Gradients, layout.gradients],
    [Header.Snapshot, layout.snapshot],
    [Header.OlderSnapshot, layout.olderSnapshot],
    [Header.StateBytes, layout.stateBytes],
    [Header.TileRows, layout.tileRows],
    [Header.TileX, layout.tileX],
    [Header.TileY, layout.tileY],
    [Header.TileWeights, layout.tileWeights],
    [Header.TileTotals, layout.tileTotals],
    [Header.Panel, layout.panel],
    [Header.Transposed, layout.transposed],
    [Header.ThreadBytes, layout.threadBytes],
    [Header.Threads, threads],
    [Header.Records, layout.records],
    [Header.LossCode, LOSSES.indexOf(spec.loss) as Loss],
    [Header.OptimizerCode, optimizerCode(spec)],
    [Header.Mean, Number(spec.reduction === "mean")],
    [Header.Clip, Number(spec.clipNorm < Infinity)],
    [Header.Seed, spec.seed],
  ];
  const { name } = optimizer;
  const doubles: [Header, number][] = [
    [Header.L2, spec.l2],
    [Header.ClipNorm, spec.clipNorm],
    [Header.Beta1, name === "sgd" ? optimizer.momentum : name === "rmsprop" ? optimizer.rho : optimizer.beta1],
    [Header.Beta2, optimizer.beta2],
    [Header.Epsilon, optimizer.epsilon],
    [Header.WeightDecay, name === "adamw" ? optimizer.weightDecay : 0],
  ];
  const words = new Uint32Array(buffer);
  const floats = new Float64Array(buffer);
  for (const [field, value] of integers) words[field / 4] = value;
  for (const [field, value] of doubles) floats[field / 8] = value;
}

function writeLayer(buffer: ArrayBufferLike, spec: ModelSpec, layout: NetworkLayout, index: number): void {
  const { activation, bias, dropout } = spec.layers[index]!;
  const layer = layout.layers[index]!;
  const record = Address.Layers + index * Field.Bytes;
  const fields: [Field, number][] = [
    [Field.Inputs, layer.inputs],
    [Field.Units, layer.units],
    [Field.Stride, layer.stride],
    [Field.Activation, ACTIVATIONS.indexOf(activation) as Activation],
    [Field.Kernel, layer.kernel],
    [Field.Bias, layer.bias],
    [Field.HasBias, Number(bias)],
    [Field.Output, layer.output],
    [Field.Delta, layer.delta],
    [Field.Derivative, layer.derivative],
    [Field.TailMask, layer.tailMask],
    [Field.DropoutThreshold, Math.min(Math.floor(dropout * 2 ** 32), 2 ** 32 - 1)],
  ];
  const words = new Uint32Array(buffer);
  for (const [field, value] of fields) words[(record + field) / 4] = value;
  new Float64Array(buffer)[(record + Field.DropoutScale) / 8] = 1 / (1 - dropout);
  const lanes = 16 / layout.itemBytes;
  const unitsInTail = ((layer.units - 1) % lanes) + 1;
  new Uint8Array(buffer, layer.tailMask, 16).fill(255, 0, unitsInTail * layout.itemBytes);
}

function optimizerCode({ optimizer }: ModelSpec): Optimizer {
  switch (optimizer.name) {
    case "sgd":
      if (optimizer.momentum === 0) return Optimizer.Sgd;
      return optimizer.nesterov ? Optimizer.Nesterov : Optimizer.Momentum;
    case "rmsprop":
      return Optimizer.RmsProp;
    case "adam":
      return Optimizer.Adam;
    case "adamw":
      return Optimizer.AdamW;
  }
}
