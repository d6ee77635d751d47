// The space of a search on the command line: given options are fixed, the others vary.
import { readFileSync } from "node:fs";
import { logUniform, oneOf, type NetworkSpace } from "../../entries/selection.js";
import type { NetworkOptions } from "../../index.js";
import { isObject } from "../../options/checks.js";
import { DataError, UsageError } from "../errors.js";
import type { EncodedTable } from "./encode.js";

export type Space = Record<string, unknown>;

/** Unless the command line names a space or an option. */
const DEFAULT: Space = {
  hidden: oneOf([[8], [16], [32], [64], [32, 16], [64, 32]]),
  activation: oneOf(["relu", "tanh"]),
  learningRate: logUniform(3e-4, 3e-2),
  batchSize: oneOf([16, 32, 64]),
};

/** @param text JSON, or the path of a file with it */
export function readSpace(text: string | undefined): Space {
  if (text === undefined) return DEFAULT;
  let json = text;
  if (!text.trimStart().startsWith("{")) {
    try {
      json = readFileSync(text, "utf8");
    } catch (error) {
      throw new DataError(
        `--space: ${(error as Error).message}; it is the path of a JSON file, or JSON such as '{"learningRate": {"logUniform": [1e-4, 0.1]}}'`,
        { cause: error },
      );
    }
  }
  try {
    const value = JSON.parse(json) as unknown;
    if (isObject(value) && !Array.isArray(value)) return value as Space;
  } catch (error) {
    throw new UsageError(`--space is no valid JSON: ${(error as Error).message}`, { cause: error });
  }
  throw new UsageError("--space must be a JSON object of options");
}

/** The whole networks that a search tries. */
export function networkSpace(
  space: Space,
  fixed: Record<string, unknown>,
  { samples, outputs, base }: EncodedTable,
): NetworkSpace {
  const { hidden = [32], layers, ...options } = { ...space, ...fixed };
  if (layers !== undefined)
    throw new UsageError("the space has layers; the table settles inputs and outputs, and hidden the layers between");
  const whole = (between: unknown): unknown => {
    if (isObject(between) && "oneOf" in between && Array.isArray(between.oneOf))
      return { oneOf: (between.oneOf as unknown[]).map(whole) };
    if (Array.isArray(between)) return [samples.inputs, ...(between as unknown[]), outputs];
    throw new UsageError('hidden in the space must be a list of layers such as [64, 32], or {"oneOf": [[64], [64, 32]]}');
  };
  return { ...base, ...options, layers: whole(hidden) } as NetworkSpace;
}

/** A trial's options without what all trials share, as one line. */
export function describeOptions({ layers, seed: _, ...options }: NetworkOptions, { base }: EncodedTable): string {
  const hidden = layers.slice(1, -1).map((layer) => (typeof layer === "object" ? JSON.stringify(layer) : String(layer)));
  const others = Object.entries(options)
    .filter(([name, value]) => value !== base[name as keyof NetworkOptions] && name !== "epochs" && name !== "dtype")
    .map(([name, value]) => `${name} ${typeof value === "object" ? JSON.stringify(value) : String(value)}`);
  return [hidden.length ? `hidden ${hidden.join(",")}` : "no hidden layer", ...others].join(", ");
}
