// Exports and imports layers models of TensorFlow.js with dense layers: model.json and one file of weights.
import { NN, type Activation, type Loss } from "../index.js";
import { show } from "../options/checks.js";
import { asFormatErrors, list, malformed, record } from "./foreign.js";
import { readChain, SAME } from "./tfjs/chain.js";

export interface TFJSWeight {
  name: string;
  shape: number[];
  dtype: "float32";
}

/** The contents of model.json. */
export interface TFJSModel {
  format: "layers-model";
  generatedBy: string;
  convertedBy: null;
  modelTopology: Record<string, unknown>;
  weightsManifest: [{ paths: ["weights.bin"]; weights: TFJSWeight[] }];
  /** Loss and optimizer, if TensorFlow.js supports both: it then compiles the model on loading. */
  trainingConfig?: Record<string, unknown>;
  /** The place for custom data in TensorFlow.js: the class names, if the network has them. */
  userDefinedMetadata?: { labels?: unknown };
}

/** A layer to be exported. */
interface OutLayer {
  units: number;
  activation: Activation;
  dropout: number;
}

/** Losses with the same definition in TensorFlow.js. */
const LOSSES: Partial<Record<Loss, string>> = {
  meanSquaredError: "mean_squared_error",
  meanAbsoluteError: "mean_absolute_error",
  binaryCrossentropy: "binary_crossentropy",
  categoricalCrossentropy: "categorical_crossentropy",
};

/**
 * Exports the network as a layers model of TensorFlow.js: write `JSON.stringify(model)` to model.json, `weights` to weights.bin.
 *
 * Numbers are float32, the only precision of TensorFlow.js; a float64 network is rounded. Scalers are folded into the weights. The
 * optimizer's state is not exported. If TensorFlow.js has the loss and the optimizer, the loaded model is compiled with them.
 * @throws RangeError for `gelu`, which TensorFlow.js cannot load from a file (its `gelu` is another function); when targets are
 * scaled and the last activation is not linear; when a number is too large for float32
 * @example
 * const { model, weights } = toTFJS(nn);
 * await writeFile("model.json", JSON.stringify(model));
 * await writeFile("weights.bin", weights);
 */
export function toTFJS(nn: NN): { model: TFJSModel; weights: Uint8Array<ArrayBuffer> } {
  const { options, weights: blocks, scalers } = nn.toJSON();
  const [inputs, ...layers] = options["layers"] as [number, ...OutLayer[]];
  const input = scalers?.input;
  const target = scalers?.target;
  const last = layers.length - 1;
  if (target && layers[last].activation !== "linear") {
    throw new RangeError(
      `toTFJS cannot write targetScaling after the activation ${layers[last].activation}; ` +
        'train with activation "linear" on the last layer, or scale the targets yourself',
    );
  }
  const specs: TFJSWeight[] = [];
  const numbers: number[][] = [];
  const described: Record<string, unknown>[] = [];
  const add = (class_name: string, name: string, config: Record<string, unknown>): void =>
    void described.push({ class_name, config: { name, ...config } });
  layers.forEach(({ units, activation, dropout }, l) => {
    const isInline = (SAME as readonly Activation[]).includes(activation);
    if (!isInline && activation !== "leakyRelu") {
      throw new RangeError(
        `layers[${l + 1}].activation is ${activation}, which TensorFlow.js cannot load from a file; ` +
          `toTFJS writes ${SAME.join(", ")} and leakyRelu`,
      );
    }
    const kernel = [...blocks[l].kernel];
    let bias = blocks[l].bias && [...blocks[l].bias];
    // (x − shift) / scale · W + b is x · W / scale + (b − shift · W / scale).
    if (input && l === 0) {
      bias ??= Array.from({ length: units }, () => 0);
      for (let i = 0; i < kernel.length; i++) {
        const row = Math.floor(i / units);
        kernel[i] /= input.scale[row];
        bias[i % units] -= input.shift[row] * kernel[i];
      }
    }
    if (target && l === last) {
      bias = Array.from({ length: units }, (_, j) => (bias?.[j] ?? 0) * target.scale[j] + target.shift[j]);
      for (let i = 0; i < kernel.length; i++) kernel[i] *= target.scale[i % units];
    }
    const name = `dense_${l + 1}`;
    add("Dense", name, {
      ...(l === 0 && { batch_input_shape: [null, inputs] }),
      units,
      activation: isInline ? activation : "linear",
      use_bias: !!bias,
    });
    specs.push({ name: name + "/kernel", shape: [kernel.length / units, units], dtype: "float32" });
    numbers.push(kernel);
    if (bias) {
      specs.push({ name: name + "/bias", shape: [units], dtype: "float32" });
      numbers.push(bias);
    }
    if (!isInline) add("LeakyReLU", `leaky_re_lu_${l + 1}`, { alpha: 0.01 });
    if (dropout) add("Dropout", `dropout_${l + 1}`, { rate: dropout });
  });
  const trainingConfig = trainingOf(options);
  return {
    model: {
      format: "layers-model",
      generatedBy: "wasmlp",
      convertedBy: null,
      modelTopology: {
        class_name: "Sequential",
        config: { name: "wasmlp", layers: described },
        keras_version: "tfjs-layers 4.22.0",
        backend: "tensor_flow.js",
      },
      weightsManifest: [{ paths: ["weights.bin"], weights: specs }],
      ...(trainingConfig && { trainingConfig }),
      ...(options["labels"] !== undefined && { userDefinedMetadata: { labels: options["labels"] } }),
    },
    weights: asBytes(numbers, specs),
  };
}

function trainingOf(options: Readonly<Record<string, unknown>>): Record<string, unknown> | undefined {
  const loss = LOSSES[options["loss"] as Loss];
  const { name, momentum, nesterov, rho, beta1, beta2, epsilon } = options["optimizer"] as Record<string, unknown>;
  const optimizer: [string, Record<string, unknown>] | undefined =
    name === "adam"
      ? ["Adam", { beta1, beta2, epsilon }]
      : name === "rmsprop"
        ? ["RMSProp", { decay: rho, momentum: 0, epsilon, centered: false }]
        : name === "adamw"
          ? undefined
          : momentum
            ? ["Momentum", { momentum, use_nesterov: nesterov }]
            : ["SGD", {}];
  if (!loss || !optimizer) return undefined;
  const [class_name, config] = optimizer;
  return { loss, metrics: [], optimizer_config: { class_name, config: { learning_rate: options["learningRate"], ...config } } };
}

function asBytes(numbers: readonly number[][], specs: readonly TFJSWeight[]): Uint8Array<ArrayBuffer> {
  const all = new Float32Array(numbers.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  numbers.forEach((array, i) => {
    const wrong = array.find((value) => !Number.isFinite(Math.fround(value)));
    if (wrong !== undefined) {
      throw new RangeError(`${specs[i].name} has ${wrong}, which float32 cannot hold; toTFJS writes float32`);
    }
    all.set(array, at);
    at += array.length;
  });
  return new Uint8Array(all.buffer);
}

/**
 * Creates a network from a layers model: `model` is the parsed model.json; `weights` are the concatenated bytes of its weight files. Reads
 * Sequential and functional models that are chains of Dense layers, with Dropout, InputLayer, Activation, ReLU, LeakyReLU (slope 0.01),
 * ELU and Softmax layers between them, as TensorFlow.js, Keras 2 and ml5 write them.
 *
 * The loss is the one that the model was compiled with, if this library has it; else it follows from the last activation:
 * categoricalCrossentropy for softmax, binaryCrossentropy for sigmoid, else meanSquaredError. Dropout of the inputs or the
 * outputs, regularizers and the optimizer's state are not imported.
 * @throws ModelFormatError that names the unsupported layer or the bad weight
 */
export function fromTFJS(model: unknown, weights: Uint8Array | ArrayBuffer): NN {
  return asFormatErrors(() => {
    const bytes = ArrayBuffer.isView(weights) ? weights : new Uint8Array(weights);
    if (!(bytes instanceof Uint8Array)) malformed("weights must be a Uint8Array or an ArrayBuffer");
    const { modelTopology, weightsManifest, trainingConfig, generatedBy, userDefinedMetadata } = record(model, "the model");
    const { inputs, layers } = readChain(modelTopology);
    const arrays = readManifest(weightsManifest, bytes);
    const take = (name: string, shape: readonly (number | undefined)[]): Float32Array => {
      const found = arrays.get(keyOf(name));
      // Each weight is used once, so a network is not larger than its file.
      if (!arrays.delete(keyOf(name)) || !found) {
        malformed(`weightsManifest has no weight ${show(name)}, or two layers have one name`);
      }
      if (found.shape.length !== shape.length || found.shape.some((size, i) => size !== (shape[i] ?? size))) {
        const must = shape.map((size) => size ?? "any").join(", ");
        malformed(`weight ${show(name)} has the shape [${found.shape.join(", ")}]; it must be [${must}]`);
      }
      if (found.dtype !== "float32") malformed(`weight ${show(name)} has dtype ${found.dtype}; it must be float32`);
      // Not slice, which does not copy Node's Buffers.
      const end = found.at + 4 * found.shape.reduce((a, b) => a * b);
      return new Float32Array(new Uint8Array(bytes.subarray(found.at, end)).buffer);
    };
    let below = inputs;
    const sizes: number[] = [];
    const blocks = layers.map(({ name, units, bias }) => {
      const kernel = take(name + "/kernel", [below, units]);
      sizes.push(kernel.length / units);
      below = units;
      return { kernel, ...(bias && { bias: take(name + "/bias", [units]) }) };
    });
    const last = layers.at(-1)!;
    last.dropout = 0;
    const nn = new NN({
      layers: [sizes[0], ...layers.map(({ name, ...layer }) => layer)],
      loss: lossOf(last.activation, trainingConfig ?? record(modelTopology, "modelTopology")["training_config"]),
      // Metadata of other programs is ignored.
      ...(generatedBy === "wasmlp" &&
        userDefinedMetadata !== undefined && {
          labels: record(userDefinedMetadata, "userDefinedMetadata")["labels"] as string[],
        }),
    });
    nn.setWeights(blocks);
    return nn;
  });
}

/** A weight's name without scopes and Keras's output index: "model/dense/kernel:0" is dense/kernel. */
const keyOf = (name: string): string => name.split("/").slice(-2).join("/").replace(/:0$/, "");

/** Bytes of one number. */
const SIZES = new Map<unknown, number>([
  ["float32", 4],
  ["int32", 4],
  ["complex64", 8],
  ["bool", 1],
]);

interface Stored {
  shape: number[];
  dtype: string;
  at: number;
}

/** The position of each weight; the weights of all groups are concatenated. */
function readManifest(manifest: unknown, bytes: Uint8Array): Map<string, Stored> {
  const found = new Map<string, Stored>();
  let at = 0;
  for (const [g, group] of list(manifest, "weightsManifest").entries()) {
    const where = `weightsManifest[${g}]`;
    for (const [w, entry] of list(record(group, where)["weights"], where + ".weights").entries()) {
      const { name, shape: given, dtype, quantization } = record(entry, `${where}.weights[${w}]`);
      if (typeof name !== "string") malformed(`${where}.weights[${w}].name is ${show(name)}; it must be a text`);
      if (quantization !== undefined) malformed(`weight ${show(name)} is quantized; save the model without quantization`);
      const shape = list(given, `the shape of weight ${show(name)}`) as number[];
      if (shape.length > 8 || !shape.every((size) => Number.isSafeInteger(size) && size >= 0)) {
        malformed(`the shape of weight ${show(name)} must be up to 8 counts`);
      }
      const item = SIZES.get(dtype);
      if (!item) malformed(`weight ${show(name)} has dtype ${show(dtype)}; it must be one of ${[...SIZES.keys()].join(", ")}`);
      const key = keyOf(name);
      if (found.has(key)) malformed(`weightsManifest has two weights ${show(key)}`);
      found.set(key, { shape, dtype: dtype as string, at });
      at += shape.reduce((a, b) => a * b, item);
      // The position is NaN if sizes overflow.
      if (!(at <= bytes.length)) malformed(`weight ${show(name)} ends at byte ${at}; weights has ${bytes.length} bytes`);
    }
  }
  if (at !== bytes.length) malformed(`weights has ${bytes.length} bytes; weightsManifest describes ${at}`);
  return found;
}

function lossOf(activation: Activation, training: unknown): Loss {
  const usual =
    activation === "softmax" ? "categoricalCrossentropy" : activation === "sigmoid" ? "binaryCrossentropy" : "meanSquaredError";
  const name = training === undefined || training === null ? undefined : record(training, "trainingConfig")["loss"];
  const simple = (text: string): string => text.toLowerCase().replaceAll("_", "");
  const loss = (Object.keys(LOSSES) as Loss[]).find((each) => typeof name === "string" && simple(name) === simple(each));
  return !loss || (loss.endsWith("Crossentropy") && loss !== usual) ? usual : loss;
}
