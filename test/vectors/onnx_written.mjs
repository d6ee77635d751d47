// Writes every kind of ONNX model that wasmlp writes to a folder, for onnx_models.py to check. Run after `npm run build`:
// node test/vectors/onnx_written.mjs DIR && /usr/bin/python3 test/vectors/onnx_models.py check DIR > test/vectors/onnx-written.json
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { NN } from "../../dist/index.js";
import { toONNX } from "../../dist/onnx.js";
import { written } from "./onnx_networks.mjs";

const folder = process.argv[2];
mkdirSync(folder, { recursive: true });
for (const [name, bytes] of written(NN, toONNX)) writeFileSync(join(folder, `${name}.onnx`), bytes);
