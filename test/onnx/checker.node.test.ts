// The files that onnx.checker has passed (test/vectors/onnx-written.json, see README.md there) are those written now.
import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { toONNX } from "../../src/entries/onnx.js";
import { NN } from "../../src/index.js";
import checked from "../vectors/onnx-written.json" with { type: "json" };
import { written } from "../vectors/onnx_networks.mjs";

test("every kind of file is one that onnx.checker passed; if not, check them again as test/vectors/README.md says", () => {
  const hashes = written(NN, toONNX).map(([name, bytes]) => [name, createHash("sha256").update(bytes).digest("hex")]);
  expect(Object.fromEntries(hashes)).toEqual(checked.files);
  expect(hashes).toHaveLength(42);
});
