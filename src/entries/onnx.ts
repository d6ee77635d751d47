// Exports networks as ONNX models, which run in ONNX Runtime and other programs, and imports ONNX models of other libraries.
import { ModelFormatError, type NN } from "../index.js";
import { decode, encode } from "./onnx/protobuf.js";
import { networkOf } from "./onnx/read.js";
import { MODEL, type Model } from "./onnx/schema.js";
import { modelOf, OPSETS } from "./onnx/write.js";

export interface OnnxOptions {
  /** The version of ONNX's operators, 13 to 21. Default 17. */
  opset?: number;
  /** The graph's name. Default `wasmlp`. */
  name?: string;
}

/**
 * The network as an ONNX model, including scalers. Input `x` is rows × inputs in the network's precision; output `y` is the result of
 * `predict`. If the last activation is softmax or sigmoid, a second output `class` is the result of `predictClasses`. The optimiser's
 * state is not included; use `save` to continue training later.
 * @throws TypeError, RangeError for wrong options
 * @example
 * await writeFile("model.onnx", toONNX(nn));
 */
export function toONNX(nn: NN, options: OnnxOptions = {}): Uint8Array<ArrayBuffer> {
  if (typeof (nn as Partial<NN> | null | undefined)?.getWeights !== "function") throw new TypeError("toONNX takes a network");
  const { opset = 17, name = "wasmlp", ...others } = options;
  for (const other in others) throw new TypeError(`unknown option "${other}"; choose from opset, name`);
  if (!OPSETS.includes(opset)) throw new RangeError(`opset is ${String(opset)}; it must be an integer from 13 to 21`);
  return encode(MODEL, modelOf(nn, opset, String(name)));
}

/**
 * Creates a network from an ONNX model: a chain of dense layers (Gemm, or MatMul and Add) with this library's activations, and scaling of
 * inputs and outputs, as PyTorch, scikit-learn (skl2onnx), Keras (tf2onnx) and `toONNX` write them. Its predictions are those of the
 * model. Further training starts with a new optimiser; the loss follows from the last activation.
 * @throws ModelFormatError that names the unsupported node or the damage
 * @example
 * const nn = fromONNX(await readFile("model.onnx"));
 */
export function fromONNX(bytes: Uint8Array): NN {
  if (!(bytes instanceof Uint8Array)) throw new TypeError("fromONNX takes the bytes of a file as a Uint8Array");
  const model = decode(MODEL, bytes) as unknown as Model;
  try {
    return networkOf(model, bytes.length);
  } catch (error) {
    // The memory may not suffice for the network's size.
    if (error instanceof RangeError) throw new ModelFormatError(error.message, { cause: error });
    throw error;
  }
}
