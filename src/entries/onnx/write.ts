// Writes a network as an ONNX graph: scalers, layers, and the class of each row. Activations that ONNX Runtime supports in float32 only
// are composed of operators that it supports in both precisions.
import type { Activation, ModelJSON, NN, FloatArray } from "../../index.js";
import {
  DOUBLE,
  FLOAT,
  INT64,
  type Attribute,
  type Graph,
  type Model,
  type Node,
  type Tensor,
  type ValueInfo,
  type Written,
} from "./schema.js";

/** The versions of ONNX's operators in which every operator used here has the same meaning and is tested. */
export const OPSETS: readonly number[] = [13, 14, 15, 16, 17, 18, 19, 20, 21];
/** Metadata keys for information that a graph cannot express. */
export const LOSS_KEY = "wasmlp.loss";
export const LABELS_KEY = "wasmlp.labels";

/** An integer attribute, or a float one; the numbers are AttributeProto's types. */
const integer = (name: string, i: number): Written<Attribute> => ({ name, i, type: 2 });
const float = (name: string, f: number): Written<Attribute> => ({ name, f, type: 1 });

/** Nodes in their order, each named by its output. */
class GraphBuilder {
  readonly nodes: Written<Node>[] = [];
  readonly initializers: Written<Tensor>[] = [];
  readonly #dataType: number;

  constructor(dataType: number) {
    this.#dataType = dataType;
  }

  /** Adds a node and returns its output's name. */
  add(op: string, input: readonly string[], ...attributes: Written<Attribute>[]): string {
    const name = `${op}_${this.nodes.length}`;
    this.nodes.push({ input, output: [name], name, op, attributes });
    return name;
  }

  /** Gives the last node's output another name. */
  rename(name: string): string {
    this.nodes.push({ ...this.nodes.pop(), output: [name] });
    return name;
  }

  cast(input: string, to: number): string {
    return this.add("Cast", [input], integer("to", to));
  }

  tensor(name: string, dims: readonly number[], data: FloatArray | BigInt64Array): string {
    const raw = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    const dataType = data instanceof BigInt64Array ? INT64 : data instanceof Float64Array ? DOUBLE : FLOAT;
    this.initializers.push({ name, dims, dataType, raw });
    return name;
  }

  /** A number in the network's precision. */
  scalar(value: number): string {
    const name = `number_${value}`;
    if (this.initializers.some((each) => each.name === name)) return name;
    return this.tensor(name, [], this.#dataType === DOUBLE ? Float64Array.of(value) : Float32Array.of(value));
  }

  /** A scaler's step, in float64 as in `predict`. */
  scale(input: string, steps: readonly (readonly [op: string, name: string, values: readonly number[]])[]): string {
    const isFloat = this.#dataType === FLOAT;
    let value = isFloat ? this.cast(input, DOUBLE) : input;
    for (const [op, name, values] of steps) {
      value = this.add(op, [value, this.tensor(name, [values.length], Float64Array.from(values))]);
    }
    return isFloat ? this.cast(value, FLOAT) : value;
  }
}

type Recipe = (graph: GraphBuilder, z: string, isDouble: boolean) => string;
const operator =
  (op: string, ...attributes: Written<Attribute>[]): Recipe =>
  (graph, z) =>
    graph.add(op, [z], ...attributes);

/** f(z) for each activation; expressions.ts must recognise all of these. */
const RECIPES: Record<Activation, Recipe> = {
  linear: (_, z) => z,
  sigmoid: operator("Sigmoid"),
  tanh: operator("Tanh"),
  relu: operator("Relu"),
  // Attributes are float32, in which float64's 0.01 cannot be represented.
  leakyRelu: (graph, z, isDouble) =>
    isDouble
      ? graph.add("Max", [z, graph.add("Mul", [z, graph.scalar(0.01)])])
      : graph.add("LeakyRelu", [z], float("alpha", 0.01)),
  elu: (graph, z, isDouble) => {
    if (!isDouble) return graph.add("Elu", [z], float("alpha", 1));
    // e^m − 1 = tanh(m/2)·(e^m + 1) avoids cancellation near 0.
    const least = graph.add("Min", [z, graph.scalar(0)]);
    const tanh = graph.add("Tanh", [graph.add("Mul", [least, graph.scalar(0.5)])]);
    const sum = graph.add("Add", [graph.add("Exp", [least]), graph.scalar(1)]);
    return graph.add("Add", [graph.add("Relu", [z]), graph.add("Mul", [tanh, sum])]);
  },
  softplus: (graph, z, isDouble) => {
    if (!isDouble) return graph.add("Softplus", [z]);
    const exp = graph.add("Exp", [graph.add("Neg", [graph.add("Abs", [z])])]);
    return graph.add("Add", [graph.add("Relu", [z]), graph.add("Log", [graph.add("Add", [exp, graph.scalar(1)])])]);
  },
  // ONNX Runtime fuses z·sigmoid(z) into an operator that it supports in float32 only.
  swish: (graph, z, isDouble) =>
    isDouble
      ? graph.add("Div", [z, graph.add("Add", [graph.add("Exp", [graph.add("Neg", [z])]), graph.scalar(1)])])
      : graph.add("Mul", [z, graph.add("Sigmoid", [z])]),
  gelu: (graph, z) => {
    const cube = graph.add("Mul", [graph.add("Mul", [z, z]), graph.add("Mul", [z, graph.scalar(0.044715)])]);
    const tanh = graph.add("Tanh", [graph.add("Mul", [graph.add("Add", [z, cube]), graph.scalar(Math.sqrt(2 / Math.PI))])]);
    return graph.add("Mul", [graph.add("Mul", [z, graph.scalar(0.5)]), graph.add("Add", [tanh, graph.scalar(1)])]);
  },
  softmax: operator("Softmax", integer("axis", 1)),
};

export function modelOf(nn: NN, opset: number, name: string): Written<Model> {
  const json: ModelJSON = nn.toJSON();
  const { layers, dtype } = nn;
  const labels = json.options["labels"];
  const weights = nn.getWeights();
  const dataType = dtype === "float64" ? DOUBLE : FLOAT;
  const graph = new GraphBuilder(dataType);
  const { input, target } = json.scalers ?? {};
  let value = "x";
  if (input)
    value = graph.scale(value, [
      ["Sub", "inputs.shift", input.shift],
      ["Div", "inputs.scale", input.scale],
    ]);
  layers.forEach(({ inputs, units, activation }, l) => {
    const { kernel, bias } = weights[l];
    const names = [graph.tensor(`layers.${l}.kernel`, [inputs, units], kernel)];
    if (bias) names.push(graph.tensor(`layers.${l}.bias`, [units], bias));
    value = graph.add("Gemm", [value, ...names]);
    value = RECIPES[activation](graph, value, dtype === "float64");
  });
  if (target)
    value = graph.scale(value, [
      ["Mul", "targets.scale", target.scale],
      ["Add", "targets.shift", target.shift],
    ]);
  value = graph.rename("y");

  const { units, activation } = layers.at(-1)!;
  const outputs = [valueInfo("y", dataType, units)];
  if (!target && (activation === "softmax" || activation === "sigmoid")) {
    if (units > 1) graph.add("ArgMax", [value], integer("axis", 1), integer("keepdims", 0));
    else {
      const above = graph.cast(graph.add("Greater", [value, graph.scalar(0.5)]), INT64);
      graph.add("Squeeze", [above, graph.tensor("axes", [1], BigInt64Array.of(1n))]);
    }
    graph.rename("class");
    outputs.push(valueInfo("class", INT64));
  }
  const built: Written<Graph> = {
    nodes: graph.nodes,
    name,
    initializers: graph.initializers,
    inputs: [valueInfo("x", dataType, layers[0].inputs)],
    outputs,
  };
  return {
    irVersion: 8,
    producer: "wasmlp",
    graph: built,
    opsets: [{ domain: "", version: opset }],
    metadata: [
      { key: LOSS_KEY, value: String(json.options["loss"]) },
      ...(labels ? [{ key: LABELS_KEY, value: JSON.stringify(labels) }] : []),
    ],
  };
}

/** A value with one row for each of the batch. */
function valueInfo(name: string, dataType: number, columns?: number): ValueInfo {
  const dims = [{ parameter: "N" }, ...(columns ? [{ value: columns }] : [])];
  return { name, type: { tensor: { dataType, shape: { dims } } } };
}
