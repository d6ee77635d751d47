// Networks as ONNX models, which run in ONNX Runtime and many other places, and networks from ONNX models of other libraries.
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
 * The network as an ONNX model, scalers included: from input `x`, rows × inputs in the network's precision, to output `y`, what
 * `predict` answers. Where the last activation is softmax or sigmoid, a second output `class` is what `predictClasses` answers.
 * The optimiser's state is not in it; use `save` to go on training.
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
 * The network that an ONNX model describes: dense layers (Gemm, or MatMul and Add) one after another, with this library's
 * activations, and scaling of inputs and outputs, as PyTorch, scikit-learn (skl2onnx), Keras (tf2onnx) and `toONNX` write them.
 * It predicts what the model does. Training it further begins with a new optimiser; the loss is that which suits the last layer.
 * @throws ModelFormatError that names the node which this library does not have, or says what is damaged
 * @example
 * const nn = fromONNX(await readFile("model.onnx"));
 */
export function fromONNX(bytes: Uint8Array): NN {
  if (!(bytes instanceof Uint8Array)) throw new TypeError("fromONNX takes the bytes of a file as a Uint8Array");
  const model = decode(MODEL, bytes) as unknown as Model;
  try {
    return networkOf(model, bytes.length);
  } catch (error) {
    // A network of the size that the file asks for may be more than there is memory for.
    if (error instanceof RangeError) throw new ModelFormatError(error.message, { cause: error });
    throw error;
  }
}
