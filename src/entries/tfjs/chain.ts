// The topology of a TensorFlow.js layers model, Sequential or functional, as the chain of dense layers that it amounts to.
import type { Activation } from "../../index.js";
import { show } from "../../options/checks.js";
import { list, malformed, record } from "../foreign.js";

/** A dense layer, with what its neighbours add to it. */
export interface Dense {
  name: string;
  units: number;
  activation: Activation;
  bias: boolean;
  dropout: number;
}

export interface Chain {
  /** The number of inputs, where the topology tells it. */
  inputs: number | undefined;
  layers: Dense[];
}

interface Item {
  name: string;
  className: string;
  config: Record<string, unknown>;
  /** Names of the layers before it; undefined in a Sequential model. */
  from: string[] | undefined;
}

/** Activations with the same name and formula on both sides. */
export const SAME = [
  "linear",
  "sigmoid",
  "tanh",
  "relu",
  "elu",
  "softplus",
  "swish",
  "softmax",
] as const satisfies readonly Activation[];

/** @throws ModelFormatError */
export function readChain(topology: unknown): Chain {
  const outer = record(topology, "modelTopology");
  const model = outer["model_config"] === undefined ? outer : record(outer["model_config"], "modelTopology.model_config");
  const { class_name: kind, config } = model;
  let items: Item[];
  if (kind === "Sequential") {
    items = itemsOf(Array.isArray(config) ? config : record(config, "config")["layers"], false);
  } else if (kind === "Model" || kind === "Functional") {
    items = inOrder(record(config, "config"));
  } else malformed(`class_name of the model is ${show(kind)}; fromTFJS reads Sequential, Model, Functional`);
  const chain: Chain = { inputs: undefined, layers: [] };
  items.forEach((item, i) => append(chain, item, i));
  if (!chain.layers.length) malformed("the model has no Dense layer");
  return chain;
}

function itemsOf(layers: unknown, isFunctional: boolean): Item[] {
  return Array.from(list(layers, "config.layers"), (value, i) => {
    const where = `config.layers[${i}]`;
    const { class_name: className, config: given, name: outerName, inbound_nodes: nodes } = record(value, where);
    const config = record(given, where + ".config");
    const name = outerName ?? config["name"];
    if (typeof name !== "string" || typeof className !== "string") malformed(`${where} must have a class_name and a name`);
    return { name, className, config, from: isFunctional ? sources(nodes, name) : undefined };
  });
}

/** The layers that a layer is called on: [[["name", 0, 0, {}], …]], one list per call. */
function sources(nodes: unknown, name: string): string[] {
  const calls = list(nodes, `inbound_nodes of "${name}"`);
  if (calls.length > 1) malformed(`layer "${name}" is used ${calls.length} times; each layer must be used once`);
  return Array.from(calls, (call) => Array.from(list(call, `inbound_nodes of "${name}"`), endOf)).flat();
}

/** The layer's name in ["name", node, tensor, …]. */
function endOf(reference: unknown): string {
  const [name, node, tensor] = list(reference, "a reference to a layer");
  if (typeof name !== "string" || node !== 0 || tensor !== 0) malformed('a reference to a layer must be ["name", 0, 0]');
  return name;
}

/** The layers of a functional model from input to output, if each has one before it and one after it. */
function inOrder(config: Record<string, unknown>): Item[] {
  const items = itemsOf(config["layers"], true);
  const byName = new Map(items.map((item) => [item.name, item]));
  if (byName.size !== items.length) malformed("config.layers has two layers of one name");
  const end = (key: "input_layers" | "output_layers"): string => {
    const ends = list(config[key], "config." + key);
    // One end may stand without its list.
    if (Array.isArray(ends[0]) && ends.length !== 1) malformed(`config.${key} has ${ends.length} entries; it must have 1`);
    return endOf(Array.isArray(ends[0]) ? ends[0] : ends);
  };
  const first = end("input_layers");
  const ordered: Item[] = [];
  for (let name = end("output_layers"); ;) {
    const item = byName.get(name);
    if (!item) malformed(`there is no layer ${show(name)}, or it follows itself`);
    byName.delete(name);
    ordered.push(item);
    if (name === first) break;
    if (item.from!.length !== 1) malformed(`layer ${show(name)} follows ${item.from!.length} layers; each must follow one`);
    name = item.from![0];
  }
  if (byName.size) malformed(`layer ${show([...byName.keys()][0])} is not on the way from the input to the output`);
  return ordered.toReversed();
}

/** Adds one layer to the chain: a dense layer of its own, or something of the last one. */
function append(chain: Chain, { name, className, config }: Item, index: number): void {
  const where = `layer ${show(name)} (${className.slice(0, 40)})`;
  const last = chain.layers.at(-1);
  const activate = (activation: Activation): void => {
    if (!last) malformed(`${where} comes before the first Dense layer`);
    if (activation === "linear") return;
    if (last.activation !== "linear") malformed(`${where} follows the activation ${last.activation}; a Dense layer can have one`);
    last.activation = activation;
  };
  const shape = config["batch_input_shape"] ?? config["batch_shape"];
  if (index === 0 && shape !== undefined) {
    const sizes = list(shape, `batch_input_shape of ${where}`);
    if (sizes.length !== 2) malformed(`${where} has inputs of ${sizes.length} dimensions; they must have 2, rows and columns`);
    if (typeof sizes[1] === "number") chain.inputs = sizes[1];
  }
  /** What an option must be for the layer to be one that can be told here. */
  const expect = (key: string, ...values: unknown[]): void => {
    if (values.includes(config[key] ?? undefined)) return;
    malformed(`${where} has ${key} ${show(config[key])}; it must be ${String(values.at(-1))}`);
  };
  switch (className) {
    case "InputLayer":
      if (index) malformed(`${where} is not the first layer`);
      return;
    case "Dense": {
      const { units, activation, use_bias: bias = true } = config;
      if (typeof units !== "number" || typeof bias !== "boolean") {
        malformed(`${where} must have units, a number, and use_bias, a boolean`);
      }
      chain.layers.push({ name, units, activation: activationOf(activation ?? "linear", where), bias, dropout: 0 });
      return;
    }
    case "Dropout": {
      const { rate } = config;
      if (typeof rate !== "number" || !(rate >= 0 && rate < 1)) {
        malformed(`${where} has rate ${show(rate)}; it must be from 0 to below 1`);
      }
      // One before the first Dense layer only matters while training, and has no place here.
      if (last) last.dropout = last.dropout ? 1 - (1 - last.dropout) * (1 - rate) : rate;
      return;
    }
    case "Activation":
      return activate(activationOf(config["activation"], where));
    case "ReLU":
      expect("max_value", undefined);
      expect("negative_slope", undefined, 0);
      expect("threshold", undefined, 0);
      return activate("relu");
    case "LeakyReLU": {
      // The slope as a float32 is what Keras writes.
      const slope = Math.fround(Number(config["alpha"] ?? config["negative_slope"] ?? 0.3));
      if (slope !== Math.fround(0.01)) malformed(`${where} has the slope ${slope}; leakyRelu has 0.01`);
      return activate("leakyRelu");
    }
    case "ELU":
      expect("alpha", undefined, 1);
      return activate("elu");
    case "Softmax": {
      const axis = config["axis"];
      expect("axis", undefined, 1, Array.isArray(axis) && axis.length === 1 && (axis[0] === 1 || axis[0] === -1) ? axis : -1, -1);
      return activate("softmax");
    }
    default:
      malformed(`${where} is not one of Dense, Dropout, InputLayer, Activation, ReLU, LeakyReLU, ELU, Softmax`);
  }
}

function activationOf(name: unknown, where: string): Activation {
  const same = SAME.find((known) => known === name);
  if (same) return same;
  if (name === "silu") return "swish";
  if (name === "gelu_new" || name === "geluNew") return "gelu";
  malformed(`${where} has the activation ${show(name)}; fromTFJS reads ${SAME.join(", ")} and gelu_new`);
}
