// The functions that activations, softmax and losses are made of, each over a block in place: for the sweep alone, no build contains them.
import { Constant } from "../../assembly/abi";
import { activate as activateBlock } from "../../assembly/activation";
import { constant, expm1Negative, expOfMinusMagnitude, log as logOf, log1p as log1pOf } from "../../assembly/exp";

export function activate(code: i32, z: usize, bytes: usize): void {
  activateBlock<f32>(code, z, bytes);
}
/** For x ≤ 0; the sign is ignored. */
export function exp(z: usize, bytes: usize): void {
  for (const end = z + bytes; z < end; z += 16) v128.store(z, expOfMinusMagnitude<f32>(v128.load(z)));
}
/** As exp. */
export function expm1(z: usize, bytes: usize): void {
  for (const end = z + bytes; z < end; z += 16) v128.store(z, expm1Negative<f32>(v128.or(v128.load(z), constant(Constant.Sign))));
}
export function log1p(z: usize, bytes: usize): void {
  for (const end = z + bytes; z < end; z += 16) v128.store(z, log1pOf<f32>(v128.load(z)));
}
export function log(z: usize, bytes: usize): void {
  for (const end = z + bytes; z < end; z += 16) v128.store(z, logOf<f32>(v128.load(z)));
}
