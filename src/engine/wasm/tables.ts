// Writes a network's description into its memory, where the kernels read it: the header and the layer table (abi.ts).
import { Address, Field, Header } from "../../../assembly/abi.js";
import { dropoutThreshold } from "../../model/random.js";
import { ACTIVATION_FACTS, LOSS_FACTS, OPTIMIZER_FACTS, type ModelSpec } from "../../model/spec.js";
import type { NetworkLayout } from "./layout.js";

/** @param threads the number of compute threads */
export function writeTables(buffer: ArrayBufferLike, spec: ModelSpec, layout: NetworkLayout, threads: number): void {
  const words = new Uint32Array(buffer);
  const doubles = new Float64Array(buffer);
  const { optimizer } = spec;
  const facts = OPTIMIZER_FACTS[optimizer.name];
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
    [Header.TileOutputWeights, layout.tileOutputWeights],
    [Header.Panel, layout.panel],
    [Header.Transposed, layout.transposed],
    [Header.ThreadBytes, layout.threadBytes],
    [Header.Threads, threads],
    [Header.Records, layout.records],
    [Header.LossCode, LOSS_FACTS[spec.loss].code],
    [Header.OptimizerCode, facts.code(optimizer)],
    [Header.Mean, Number(spec.reduction === "mean")],
    [Header.Clip, Number(spec.clipNorm < Infinity)],
    [Header.Seed, spec.seed],
  ];
  const numbers: [Header, number][] = [
    [Header.L2, spec.l2],
    [Header.ClipNorm, spec.clipNorm],
    [Header.Beta1, facts.decay(optimizer)],
    [Header.Beta2, optimizer.beta2],
    [Header.Epsilon, optimizer.epsilon],
    [Header.WeightDecay, "weightDecay" in facts.defaults ? optimizer.weightDecay : 0],
  ];
  for (const [field, value] of integers) words[field / 4] = value;
  for (const [field, value] of numbers) doubles[field / 8] = value;
  spec.layers.forEach(({ activation, bias, dropout }, index) => {
    const layer = layout.layers[index];
    const record = Address.Layers + index * Field.Bytes;
    const fields: [Field, number][] = [
      [Field.Inputs, layer.inputs],
      [Field.Units, layer.units],
      [Field.Stride, layer.stride],
      [Field.Vectors, layer.vectors],
      [Field.Activation, ACTIVATION_FACTS[activation].code],
      [Field.Kernel, layer.kernel],
      [Field.Bias, layer.bias],
      [Field.HasBias, Number(bias)],
      [Field.Output, layer.output],
      [Field.Delta, layer.delta],
      [Field.Derivative, layer.derivative],
      [Field.TailMask, layer.tailMask],
      [Field.DropoutThreshold, dropoutThreshold(dropout)],
    ];
    for (const [field, value] of fields) words[(record + field) / 4] = value;
    doubles[(record + Field.DropoutScale) / 8] = 1 / (1 - dropout);
    // All ones in the lanes of units, zeros in the padding.
    const padding = 16 * layer.vectors - layer.units * layout.itemBytes;
    new Uint8Array(buffer, layer.tailMask, 16 - padding).fill(255);
  });
}
