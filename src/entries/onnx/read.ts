// Creates a network from an ONNX graph: follows the rows from the graph's input to its output, and collects layers and scalers.
import { ModelFormatError, NN, type Activation, type FloatArray } from "../../index.js";
import { readTensor } from "./constants.js";
import { show, Z } from "./expressions.js";
import { resolve, scalerOf, type Dense, type Flow, type Scale, type Step, type Value } from "./flow.js";
import { evaluate, Operation } from "./operators.js";
import { DOUBLE, type Graph, type Model } from "./schema.js";
import { LABELS_KEY, LOSS_KEY } from "./write.js";

function refuse(problem: string): never {
  throw new ModelFormatError(problem);
}

/**
 * @param size the file's length in bytes, which limits the number of weights
 * @throws ModelFormatError
 */
export function networkOf({ graph, opsets, metadata }: Model, size: number): NN {
  if (!graph) refuse("the file is damaged or no ONNX model: it has no graph");
  if (opsets.some(({ domain, version = 0 }) => !domain && version < 7)) refuse("the model is older than opset 7");
  let at = outputOf(graph);
  let found = resolveAt(at);
  const ending = found;
  const layers: { dense: Dense; activation: Activation }[] = [];
  let weights = 0;
  while (at.dense) {
    const { dense } = at;
    const [inputs, units] = dense.kernel.dims;
    if (found.activation === "softmax" && (layers.length || units < 2)) {
      refuse(`${at.node}: softmax is for a last layer of 2 units or more`);
    }
    layers.push({ dense, activation: found.activation });
    weights += inputs * units;
    // Layers with shared weights would make a large network from a small file.
    if (weights * 4 > size) refuse(`${dense.node} shares its weights with another layer`);
    at = dense.from;
    found = resolveAt(at);
    if (!at.dense) continue;
    if (found.steps.length) refuse(`${found.steps[0].node} scales what a layer takes; only inputs and outputs are scaled here`);
    const given = at.dense.kernel.dims[1];
    if (given !== inputs) refuse(`${dense.node} takes ${inputs} inputs and gets ${given}`);
  }
  layers.reverse();
  if (!layers.length || found.activation !== "linear") refuse(`${at.node} is followed by no dense layer`);

  const [inputs] = layers[0].dense.kernel.dims;
  const { activation } = ending;
  checkInput(graph, inputs);
  const input = scaler(found.steps, inputs, true);
  const target = scaler(ending.steps, layers.at(-1)!.dense.kernel.dims[1], false);
  const isDouble = layers.some(({ dense }) => dense.kernel.dataType === DOUBLE);
  const usualLoss =
    activation === "softmax"
      ? "categoricalCrossentropy"
      : activation === "sigmoid" && !target
        ? "binaryCrossentropy"
        : "meanSquaredError";
  const parameters = layers.map(({ dense }) => parametersOf(dense, isDouble));
  const moments = parameters.map(({ kernel, bias }) => ({
    kernel: kernel.map(() => 0),
    ...(bias && { bias: bias.map(() => 0) }),
  }));
  const saved = (name: string): string | undefined => metadata.find(({ key }) => key === name)?.value;
  return NN.fromJSON({
    format: "wasmlp",
    version: 1,
    step: 0,
    epoch: 0,
    options: {
      layers: [
        inputs,
        ...layers.map(({ dense: { kernel, bias }, activation }) => ({ units: kernel.dims[1], activation, bias: !!bias })),
      ],
      loss: saved(LOSS_KEY) ?? usualLoss,
      labels: readLabels(saved(LABELS_KEY)),
      dtype: isDouble ? "float64" : "float32",
      inputScaling: input ? "standard" : "none",
      targetScaling: target ? "standard" : "none",
    },
    ...((input || target) && { scalers: { input, target } }),
    // The slots of the default optimiser.
    weights: parameters,
    slots: [moments, moments],
  });
}

/** The maximum length of class names as JSON, which limits the memory for parsing them. */
const MOST_LABELS = 1_000_000;

function readLabels(text: string | undefined): unknown {
  if (text === undefined) return undefined;
  try {
    if (text.length <= MOST_LABELS) return JSON.parse(text);
  } catch {
    // Reported below, as for a text that is too long.
  }
  refuse(`metadata ${LABELS_KEY} must be a JSON array of at most ${MOST_LABELS} characters`);
}

/** The rows that the graph outputs. */
function outputOf(graph: Graph): Flow {
  const values = new Map<string, Value>();
  const stored = new Map(graph.initializers.map((tensor) => [tensor.name ?? "", tensor]));
  const needed = new Set(graph.outputs.map(({ name = "" }) => name));
  for (const node of graph.nodes.toReversed()) {
    if (node.output.some((name) => needed.has(name))) for (const name of node.input) needed.add(name);
  }
  const inputs = graph.inputs.filter(({ name = "" }) => !stored.has(name));
  if (inputs.length !== 1) refuse(`the model has ${inputs.length} inputs; this library reads models with one`);
  values.set(inputs[0].name ?? "", { flow: { dense: undefined, expression: Z, node: "the input" } });

  for (const node of graph.nodes) {
    if (!node.output.some((name) => needed.has(name))) continue;
    const look = (name: string): Value | undefined => {
      const tensor = stored.get(name);
      if (name && !values.has(name)) {
        if (!tensor) refuse(`${operation.label} takes ${quoted(name)}, which nothing before it gives`);
        values.set(name, { constant: readTensor(tensor, quoted(name)) });
      }
      return values.get(name);
    };
    // Labels of classes may be strings.
    const found = node.input.map((name) => values.get(name)).find((value) => value?.classesOf);
    let operation = new Operation(node, found ? [found] : []);
    if (!found) operation = new Operation(node, node.input.map(look));
    const [name = ""] = node.output;
    if (values.has(name)) operation.refuse("gives a value that there is already");
    values.set(name, evaluate(operation));
  }

  const outputs = graph.outputs.map(({ name = "" }) => values.get(name) ?? refuse(`no node gives the output ${quoted(name)}`));
  const rows = outputs.flatMap(({ flow }) => flow ?? []);
  const flows = new Set(rows.length ? rows : outputs.flatMap(({ classesOf }) => classesOf ?? []));
  if (flows.size !== 1)
    refuse(`the model has ${flows.size} outputs that are rows of numbers; this library reads models with one`);
  return [...flows][0];
}

const quoted = (name: string): string => JSON.stringify(name.slice(0, 80));

const resolveAt = (flow: Flow): { activation: Activation; steps: Step[] } =>
  resolve(flow) ??
  refuse(
    `${flow.node} computes ${flow.expression ? show(flow.expression) : "something"}, which is no activation of this library's`,
  );

/** The scaler that the steps compute; undefined without steps. */
function scaler(steps: readonly Step[], columns: number, inverted: boolean): Scale | undefined {
  if (!steps.length) return undefined;
  return (
    scalerOf(steps, columns, inverted) ?? refuse(`${steps[0].node} does not scale ${columns} columns by finite numbers above 0`)
  );
}

/** Checks that the graph's number of inputs, if given, is that of the first layer. */
function checkInput({ inputs, initializers }: Graph, columns: number): void {
  const names = new Set(initializers.map(({ name }) => name));
  const dims = inputs.find(({ name }) => !names.has(name))?.type?.tensor?.shape?.dims ?? [];
  const sizes = dims.slice(1).map(({ value }) => value);
  const known = sizes.reduce((product: number, value) => product * (value ?? NaN), 1);
  const isOther = dims.length > 1 && known !== columns && !Number.isNaN(known);
  if (isOther) refuse(`the model has ${known} inputs, and its first layer takes ${columns}`);
}

function parametersOf({ kernel, bias, alpha, beta }: Dense, isDouble: boolean): { kernel: FloatArray; bias?: FloatArray } {
  const [inputs, units] = kernel.dims;
  const create = (length: number): FloatArray => (isDouble ? new Float64Array(length) : new Float32Array(length));
  const numbers = create(inputs * units);
  for (let i = 0; i < inputs; i++) {
    for (let j = 0; j < units; j++) {
      numbers[i * units + j] = alpha * kernel.data[kernel.transposed ? j * inputs + i : i * units + j];
    }
  }
  if (!bias) return { kernel: numbers };
  const sums = create(units);
  for (let j = 0; j < units; j++) sums[j] = beta * bias.data[bias.data.length === 1 ? 0 : j];
  return { kernel: numbers, bias: sums };
}
