// Checks of the arguments of NN's methods.
import type { DataRows } from "../data/rows.js";
import { outputsOf, type FloatArray, type ModelSpec } from "../model/spec.js";
import type { TypedArray } from "../public-types.js";
import { outOfRange, plural, refuse } from "./checks.js";

/** Returns a method's arguments; refuses more than it has parameters, because it would ignore them silently. */
export function takeArguments(method: string, args: readonly unknown[], parameters: string): readonly unknown[] {
  const most = parameters.split(",").length;
  if (args.length <= most) return args;
  throw new TypeError(`${method} takes (${parameters}), but was called with ${args.length} arguments`);
}

/** Checks the caller's array for the outputs of `x`: its type, its length, and that it does not overlap `x`. */
export function checkOut(spec: ModelSpec, { count, like }: DataRows, x: TypedArray, out: unknown): FloatArray {
  const kind = spec.dtype === "float32" ? Float32Array : Float64Array;
  if (like !== "typed") throw new TypeError("predict(x, out) takes x as a flat typed array");
  if (!(out instanceof kind)) refuse("out", out, `a ${kind.name}, as this network computes in ${spec.dtype}`, true);
  const length = count * outputsOf(spec);
  if (out.length !== length)
    outOfRange(`out has ${plural(out.length, "value")}; ${plural(count, "row")} of outputs have ${length}`);
  const overlaps =
    out.buffer === x.buffer && out.byteOffset < x.byteOffset + x.byteLength && x.byteOffset < out.byteOffset + out.byteLength;
  if (overlaps) outOfRange("out overlaps x in memory; use a separate array");
  return out;
}
