// `wasmlp export`: a model in the formats of other programs.
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { NN } from "../../index.js";
import type { Command } from "../command.js";
import { DataError, UsageError } from "../errors.js";
import { loadModel } from "../models.js";
import { textOf } from "../parse.js";
import { note, print } from "../terminal.js";

const FORMATS = ["onnx", "tfjs", "module"] as const;
type Format = (typeof FORMATS)[number];

/** Each format's files, by name; one file has no name of its own. */
const WRITERS: Readonly<Record<Format, (nn: NN) => Promise<Record<string, string | Uint8Array>>>> = {
  onnx: async (nn) => ({ "": (await import("../../entries/onnx.js")).toONNX(nn) }),
  module: async (nn) => ({ "": (await import("../../entries/module.js")).toModule(nn) }),
  async tfjs(nn) {
    const { model, weights } = (await import("../../entries/tfjs.js")).toTFJS(nn);
    const [
      {
        paths: [name],
      },
    ] = (model as { weightsManifest: [{ paths: [string] }] }).weightsManifest;
    return { "model.json": `${JSON.stringify(model)}\n`, [name]: weights };
  },
};

export const exportCommand: Command = {
  name: "export",
  summary: "Write a model for ONNX Runtime, TensorFlow.js, or as a JavaScript module.",
  description: [
    "The exported model takes the network's numbers, not the table's rows: wasmlp info shows the columns in the order of the inputs, each " +
      "category being an input of its own. Scaling is part of the export.",
  ],
  positionals: [{ name: "MODEL", help: "A model file." }],
  options: {
    to: { type: "string", value: "FORMAT", choices: FORMATS, help: "Required." },
    output: {
      type: "string",
      short: "o",
      value: "PATH",
      help: "A file; for tfjs a folder. Default for onnx and module: standard output.",
    },
  },
  examples: [
    ["wasmlp export model.safetensors --to onnx -o model.onnx", "For ONNX Runtime."],
    ["wasmlp export model.safetensors --to tfjs -o web-model", "model.json and its weights in a folder."],
    ["wasmlp export model.safetensors --to module > predict.js", "A module without imports: export function predict(x)."],
  ],
  async run(values, [path]) {
    const to = textOf(values, "to") as Format | undefined;
    if (!to) throw new UsageError(`--to is missing; choose from ${FORMATS.join(", ")}`);
    const output = textOf(values, "output");
    if (to === "tfjs" && output === undefined)
      throw new UsageError("-o is missing; a TensorFlow.js model is a folder of two files");
    const { nn } = await loadModel(path!);
    const files = await WRITERS[to](nn);
    if (output === undefined) {
      if (to === "onnx" && process.stdout.isTTY) throw new UsageError("-o is missing; an ONNX model is no text for a terminal");
      process.stdout.write(files[""]!);
      return;
    }
    try {
      if (to === "tfjs") await mkdir(output, { recursive: true });
      for (const [name, content] of Object.entries(files)) await writeFile(name ? join(output, name) : output, content);
    } catch (error) {
      throw new DataError(`${output} cannot be written: ${(error as Error).message}`, { cause: error });
    }
    if (values.json)
      await print(`${JSON.stringify({ to, files: Object.keys(files).map((name) => (name ? join(output, name) : output)) })}\n`);
    else if (!values.quiet) note(`wrote ${output}`);
  },
};
