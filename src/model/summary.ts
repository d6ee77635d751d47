// Text descriptions of a network: a table of its layers with its optimiser, loss and engine; or a single line.
import { plural } from "../options/checks.js";
import type { Settings } from "../options/network-types.js";
import type { Backend } from "../public-types.js";
import { parameterCount, slotCount } from "./parameters.js";
import { inputsOf, itemSize, type ModelSpec } from "./spec.js";

/**
 * The text of `nn.summary()`.
 * @param learningRate a number or a function of the epoch
 */
export function summarize(spec: ModelSpec, backend: Backend, learningRate: unknown): string {
  const { layers, optimizer, dtype } = spec;
  const total = parameterCount(layers);
  const table = [["layer", "shape", "activation", "parameters"]];
  layers.forEach((layer, index) => {
    const { inputs, units, activation, bias, dropout } = layer;
    const extras = (bias ? "" : ", no bias") + (dropout ? `, dropout ${dropout}` : "");
    table.push([`${index + 1}`, `${inputs} → ${units}`, activation + extras, group(parameterCount([layer]))]);
  });
  table.push(["total", "", "", group(total)]);
  const widths = table[0].map((_, column) => table.reduce((most, cells) => Math.max(most, cells[column].length), 0));
  const lines = table.map((cells) => cells.map((cell, i) => cell[i < 3 ? "padEnd" : "padStart"](widths[i])).join("  "));
  const rule = "─".repeat(lines[0].length);
  lines.splice(1, 0, rule);
  lines.splice(-1, 0, rule);
  const rate = typeof learningRate === "function" ? "by epoch" : learningRate;
  const memory = total * itemSize(dtype);
  return [
    ...lines,
    `optimizer ${optimizer.name}, learning rate ${rate}; loss ${spec.loss}`,
    `${dtype}, ${size(memory)}, ${size(memory * slotCount(optimizer))} more to train; engine ${backend}`,
  ].join("\n");
}

/** The network in one line: `NN { 2 → 8 sigmoid → 1 sigmoid, loss halfSquaredError, optimizer adam, … }`. */
export function inspect({ spec, learningRate }: Settings, backend: Backend): string {
  const { layers, loss, optimizer, dtype, seed } = spec;
  const shown = layers.length > 8 ? [...layers.slice(0, 4), undefined, ...layers.slice(-3)] : layers;
  const chain = shown.map((layer) => (layer ? `${layer.units} ${layer.activation}` : "…"));
  const rate = typeof learningRate === "function" ? "by epoch" : learningRate;
  return (
    `NN { ${[inputsOf(spec), ...chain].join(" → ")}, loss ${loss}, optimizer ${optimizer.name}, learning rate ${rate}, ` +
    `${plural(parameterCount(layers), "parameter")}, ${dtype}, ${backend}, seed ${seed} }`
  );
}

const group = (count: number): string => String(count).replace(/\B(?=(\d{3})+$)/g, ",");

const size = (bytes: number): string => (bytes < 1e6 ? (bytes / 1e3).toFixed(1) + " kB" : (bytes / 1e6).toFixed(1) + " MB");
