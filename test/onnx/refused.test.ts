// Graphs that are not a chain of dense layers are refused with the node's name; files that are not ONNX are refused at once.
import { describe, expect, test } from "vitest";
import { fromONNX, toONNX } from "../../src/entries/onnx.js";
import { encode } from "../../src/entries/onnx/protobuf.js";
import { MODEL } from "../../src/entries/onnx/schema.js";
import { NN } from "../../src/index.js";
import { refused } from "../formats/refused.js";
import { networkWith } from "./support.js";

type Attributes = Record<string, number | string>;
const node = (op: string, input: string[], output: string, attributes: Attributes = {}, domain = ""): object => ({
  op,
  input,
  output: [output],
  name: `the ${op}`,
  domain,
  attributes: Object.entries(attributes).map(([name, value]) =>
    typeof value === "string"
      ? { name, s: new TextEncoder().encode(value), type: 3 }
      : Number.isInteger(value)
        ? { name, i: value, type: 2 }
        : { name, f: value, type: 1 },
  ),
});
const floats = (name: string, dims: number[], ...values: number[]): object => ({
  name,
  dims,
  dataType: 1,
  raw: new Uint8Array(Float32Array.from(values).buffer),
});

interface Parts {
  nodes: object[];
  initializers?: object[];
  inputs?: object[];
  outputs?: string[];
  opset?: number;
  metadata?: object[];
}

/** A model of one input x of 2 columns, with weights W (2 × 2), V (2 × 2) and b (2) at hand. */
const file = ({
  nodes,
  initializers = [],
  inputs = [{ name: "x" }],
  outputs = ["y"],
  opset = 17,
  metadata = [],
}: Parts): Uint8Array =>
  encode(MODEL, {
    irVersion: 8,
    opsets: [{ domain: "", version: opset }],
    metadata,
    graph: {
      nodes,
      inputs,
      outputs: outputs.map((name) => ({ name })),
      initializers: [
        floats("W", [2, 2], 1, 2, 3, 4),
        floats("V", [2, 2], 1, 0, 0, 1),
        floats("b", [2], 5, 6),
        floats("number", [], 0.25),
        ...initializers,
      ],
    },
  });
const refusal = (parts: Parts): string => refused(() => fromONNX(file(parts)));
const predict = (parts: Parts): number[] => fromONNX(file(parts)).predict([1, 10]);

describe("read", () => {
  test.each<[string, Parts, number[]]>([
    ["Gemm", { nodes: [node("Gemm", ["x", "W", "b"], "y")] }, [36, 48]],
    [
      "Gemm with transB, alpha and beta",
      {
        nodes: [node("Gemm", ["x", "W", "b"], "y", { transB: 1, alpha: 0.5, beta: 2 })],
      },
      [20.5, 33.5],
    ],
    ["Gemm without a bias", { nodes: [node("Gemm", ["x", "W"], "y")] }, [31, 42]],
    ["a bias of one number", { nodes: [node("Gemm", ["x", "W", "number"], "y")] }, [31.25, 42.25]],
    ["MatMul and Add, either way round", { nodes: [node("MatMul", ["x", "W"], "z"), node("Add", ["b", "z"], "y")] }, [36, 48]],
    ["transposed weights", { nodes: [node("Transpose", ["W"], "T", {}), node("MatMul", ["x", "T"], "y")] }, [21, 43]],
    [
      "Identity, Dropout, Cast, Flatten",
      {
        nodes: [
          node("Identity", ["x"], "a"),
          node("Dropout", ["a"], "c", { ratio: 0.5 }),
          node("Cast", ["c"], "d", { to: 1 }),
          node("Flatten", ["d"], "e"),
          node("MatMul", ["e", "W"], "y"),
        ],
      },
      [31, 42],
    ],
    [
      "x − shift, then ÷ scale",
      {
        nodes: [node("Sub", ["x", "b"], "s"), node("Div", ["s", "b"], "t"), node("MatMul", ["t", "V"], "y")],
      },
      [-4 / 5, 4 / 6],
    ],
    [
      "a scaled output",
      {
        nodes: [node("MatMul", ["x", "W"], "z"), node("Mul", ["z", "b"], "s"), node("Sub", ["s", "b"], "y")],
      },
      [150, 246],
    ],
    [
      "1 ÷ (1 + e^−z)",
      {
        nodes: [
          node("MatMul", ["x", "V"], "z"),
          node("Neg", ["z"], "n"),
          node("Exp", ["n"], "e"),
          node("Add", ["e", "one"], "d"),
          node("Div", ["one", "d"], "y"),
        ],
        initializers: [floats("one", [], 1)],
      },
      [1 / (1 + Math.exp(-1)), 1 / (1 + Math.exp(-10))],
    ],
    [
      "Max with 0",
      {
        nodes: [node("MatMul", ["x", "W"], "z"), node("Max", ["z", "zero"], "y")],
        initializers: [floats("zero", [1], 0)],
      },
      [31, 42],
    ],
    [
      "Gelu by tanh",
      {
        nodes: [node("MatMul", ["x", "V"], "z"), node("Gelu", ["z"], "y", { approximate: "tanh" })],
        opset: 20,
      },
      [0.841192, 10],
    ],
    [
      "Softmax of an old opset",
      {
        nodes: [node("MatMul", ["x", "V"], "z"), node("Softmax", ["z"], "y")],
        opset: 9,
      },
      [1 / (1 + Math.exp(9)), 1 / (1 + Math.exp(-9))],
    ],
    [
      "an initializer among the inputs",
      {
        nodes: [node("MatMul", ["x", "W"], "y")],
        inputs: [{ name: "W" }, { name: "x" }],
      },
      [31, 42],
    ],
    [
      "classes only, by the rows that they are of",
      {
        nodes: [node("MatMul", ["x", "W"], "z"), node("ArgMax", ["z"], "y", { axis: 1 })],
      },
      [31, 42],
    ],
    [
      "an output beside it that is not followed",
      {
        nodes: [node("MatMul", ["x", "W"], "y"), node("NonZero", ["y"], "unused")],
      },
      [31, 42],
    ],
  ])("%s", (_, parts, expected) => {
    predict(parts).forEach((value, i) => expect(value).toBeCloseTo(expected[i], 5));
    expect(predict(parts)).toHaveLength(expected.length);
  });

  test("a bias stays a bias, and a scaler becomes one", () => {
    const nn = fromONNX(
      file({
        nodes: [node("MatMul", ["x", "W"], "z"), node("Add", ["z", "b"], "a"), node("Mul", ["a", "b"], "y")],
      }),
    );
    expect([...nn.getWeights()[0].bias!]).toEqual([5, 6]);
    expect(nn.toJSON().scalers?.target).toEqual({ shift: [0, 0], scale: [5, 6] });
  });
});

const dense = node("MatMul", ["x", "W"], "z");
describe("refused, with the node's name", () => {
  test.each<[string, Parts, RegExp]>([
    [
      "another operator",
      {
        nodes: [node("Conv", ["x", "W"], "c"), node("MatMul", ["c", "W"], "y")],
      },
      /^node "the Conv" \(Conv\) computes Conv\(numbers,z\), which is no activation/,
    ],
    [
      "an operator of another domain",
      {
        nodes: [dense, node("Relu", ["z"], "y", {}, "com.example")],
      },
      /"the Relu" \(Relu\) computes com\.example\.Relu\(z\)/,
    ],
    ["another slope", { nodes: [dense, node("LeakyRelu", ["z"], "y", { alpha: 0.3 })] }, /"the LeakyRelu".*alpha=0\.3/],
    ["another elu", { nodes: [dense, node("Elu", ["z"], "y", { alpha: 0.5 })] }, /"the Elu".*alpha=0\.5/],
    ["the exact gelu", { nodes: [dense, node("Gelu", ["z"], "y")] }, /"the Gelu"/],
    ["a softmax along the rows", { nodes: [dense, node("Softmax", ["z"], "y", { axis: 0 })] }, /"the Softmax".*axis=0/],
    [
      "a softmax inside",
      {
        nodes: [dense, node("Softmax", ["z"], "s"), node("MatMul", ["s", "V"], "y")],
      },
      /"the Softmax" \(Softmax\): softmax is for a last layer/,
    ],
    [
      "the inverse of an activation",
      {
        nodes: [dense, node("Tanh", ["z"], "t"), node("Reciprocal", ["t"], "y")],
      },
      /"the Reciprocal"/,
    ],
    [
      "two branches",
      {
        nodes: [dense, node("MatMul", ["x", "V"], "w"), node("Mul", ["z", "w"], "y")],
      },
      /"the Mul" \(Mul\) joins two branches/,
    ],
    ["a skip connection", { nodes: [dense, node("Add", ["z", "x"], "y")] }, /"the Add" \(Add\) joins two branches/],
    ["columns joined", { nodes: [dense, node("Concat", ["z", "z"], "y", { axis: 1 })] }, /"the Concat"/],
    ["weights on the left", { nodes: [node("MatMul", ["W", "x"], "y")] }, /"the MatMul" \(MatMul\) takes no rows as input 0/],
    ["rows times rows", { nodes: [node("MatMul", ["x", "x"], "y")] }, /takes no constant as input 1/],
    ["transA", { nodes: [node("Gemm", ["x", "W", "b"], "y", { transA: 1 })] }, /"the Gemm" \(Gemm\) has transA/],
    ["weights of one dimension", { nodes: [node("MatMul", ["x", "b"], "y")] }, /"the MatMul".*no matrix of floats/],
    [
      "weights of integers",
      {
        nodes: [node("MatMul", ["x", "I"], "y")],
        initializers: [{ name: "I", dims: [2, 2], dataType: 7, longs: [1, 2, 3, 4] }],
      },
      /"the MatMul".*no matrix of floats/,
    ],
    [
      "a bias of another size",
      {
        nodes: [node("Gemm", ["x", "W", "c"], "y")],
        initializers: [floats("c", [3], 1, 2, 3)],
      },
      /"the Gemm" \(Gemm\) adds 3 numbers to 2 sums/,
    ],
    ["a bias a row", { nodes: [node("Gemm", ["x", "W", "c"], "y")], initializers: [floats("c", [2, 1], 1, 2)] }, /"the Gemm"/],
    [
      "layers that do not fit",
      {
        nodes: [dense, node("MatMul", ["z", "U"], "y")],
        initializers: [floats("U", [3, 1], 1, 2, 3)],
      },
      /takes 3 inputs and gets 2/,
    ],
    [
      "inputs that do not fit",
      {
        nodes: [node("MatMul", ["x", "W"], "y")],
        inputs: [{ name: "x", type: { tensor: { dataType: 1, shape: { dims: [{ parameter: "N" }, { value: 3 }] } } } }],
      },
      /the model has 3 inputs, and its first layer takes 2/,
    ],
    [
      "scaled hidden layers",
      {
        nodes: [dense, node("Relu", ["z"], "r"), node("Mul", ["r", "b"], "s"), node("MatMul", ["s", "V"], "y")],
      },
      /"the Mul" \(Mul\) scales what a layer takes/,
    ],
    ["an input that is squared", { nodes: [node("Mul", ["x", "x"], "s"), node("MatMul", ["s", "W"], "y")] }, /"the Mul"/],
    ["an activation of the inputs", { nodes: [node("Tanh", ["x"], "t"), node("MatMul", ["t", "W"], "y")] }, /"the Tanh"/],
    [
      "a scaler that turns around",
      {
        nodes: [dense, node("Mul", ["z", "c"], "y")],
        initializers: [floats("c", [2], 1, -1)],
      },
      /"the Mul" \(Mul\) does not scale 2 columns/,
    ],
    [
      "a scaler of another size",
      {
        nodes: [dense, node("Mul", ["z", "c"], "y")],
        initializers: [floats("c", [3], 1, 1, 1)],
      },
      /"the Mul"/,
    ],
    [
      "a scaler of nothing",
      {
        nodes: [node("Scaler", ["x"], "s", {}, "ai.onnx.ml"), node("MatMul", ["s", "W"], "y")],
      },
      /"the Scaler"/,
    ],
    [
      "dropout that is on",
      {
        nodes: [dense, node("Dropout", ["z", "", "on"], "y")],
        initializers: [{ name: "on", dims: [], dataType: 9, integers: [1] }],
      },
      /"the Dropout"/,
    ],
    [
      "rows that become columns",
      {
        nodes: [dense, node("Reshape", ["z", "s"], "y")],
        initializers: [{ name: "s", dims: [1], dataType: 7, longs: [-1] }],
      },
      /"the Reshape"/,
    ],
    [
      "rows cast to integers",
      {
        nodes: [dense, node("Cast", ["z"], "y", { to: 7 })],
      },
      /"the Cast" \(Cast\) casts rows to data type 7/,
    ],
    [
      "weights in another file",
      {
        nodes: [node("MatMul", ["x", "E"], "y")],
        initializers: [{ name: "E", dims: [2, 2], dataType: 1, location: 1 }],
      },
      /^"E" has its numbers in another file/,
    ],
    [
      "weights in half precision",
      {
        nodes: [node("MatMul", ["x", "H"], "y")],
        initializers: [{ name: "H", dims: [1, 2], dataType: 10, raw: new Uint8Array(4) }],
      },
      /^"H" is of data type 10/,
    ],
    [
      "weights shared",
      {
        nodes: [
          node("MatMul", ["x", "L"], "a0"),
          ...Array.from({ length: 9 }, (_, i) => node("MatMul", [`a${i}`, "L"], `a${i + 1}`)),
          node("Identity", ["a9"], "y"),
        ],
        initializers: [floats("L", [32, 32], ...Array<number>(1024).fill(1))],
      },
      /"the MatMul" \(MatMul\) shares its weights/,
    ],
    [
      "weights that are no numbers",
      {
        nodes: [node("MatMul", ["x", "N"], "y")],
        initializers: [floats("N", [2, 2], 1, NaN, 1, 1)],
      },
      /weights\[0\]\.kernel\[1\] is NaN/,
    ],
    [
      "an unknown value",
      {
        nodes: [node("MatMul", ["nothing", "W"], "y")],
      },
      /"the MatMul" \(MatMul\) takes "nothing", which nothing before it gives/,
    ],
    ["nodes in the wrong order", { nodes: [node("Relu", ["z"], "y"), dense] }, /"the Relu" \(Relu\) takes "z"/],
    ["a circle", { nodes: [node("Relu", ["y"], "y")] }, /"the Relu" \(Relu\) takes "y"/],
    [
      "one value twice",
      {
        nodes: [dense, dense, node("Relu", ["z"], "y")],
      },
      /"the MatMul" \(MatMul\) gives a value that there is already/,
    ],
    ["no layer", { nodes: [node("Identity", ["x"], "y")] }, /no dense layer/],
    ["no output of that name", { nodes: [dense] }, /no node gives the output "y"/],
    ["two outputs", { nodes: [dense, node("Relu", ["z"], "y")], outputs: ["y", "z"] }, /2 outputs/],
    ["two inputs", { nodes: [node("MatMul", ["x", "W"], "y")], inputs: [{ name: "x" }, { name: "other" }] }, /2 inputs/],
    ["an opset before 7", { nodes: [node("MatMul", ["x", "W"], "y")], opset: 6 }, /opset 7/],
    [
      "a loss that does not exist",
      {
        nodes: [node("MatMul", ["x", "W"], "y")],
        metadata: [{ key: "wasmlp.loss", value: "nonsense" }],
      },
      /unknown loss "nonsense"/,
    ],
  ])("%s", (_, parts, message) => {
    expect(refusal(parts)).toMatch(message);
  });
});

describe("hostile bytes", () => {
  const file = toONNX(networkWith("gelu", "float32", { inputScaling: "standard" }));

  test("nothing, text, and a file of another kind", () => {
    expect(refused(() => fromONNX(new Uint8Array()))).toMatch(/it has no graph/);
    refused(() => fromONNX(new TextEncoder().encode("<!doctype html><html><body>Not found</body></html>")));
    const saved = new NN(2, 3, 1, 0.1, 1).save();
    refused(() => fromONNX(saved));
  });

  test("a file cut short anywhere", () => {
    // The opset and the metadata come after the graph and are not needed to predict; a cut within them is still detected.
    const ends = new Set<number>();
    for (let length = 0; length < file.length; length++) {
      try {
        fromONNX(file.subarray(0, length));
        ends.add(length);
      } catch {
        expect(refused(() => fromONNX(file.subarray(0, length)))).not.toBe("");
      }
    }
    expect(ends.size).toBeLessThanOrEqual(2);
  });

  const header = [8, 8];
  test.each<[string, readonly number[]]>([
    ["an integer without an end", [8, ...Array<number>(11).fill(255)]],
    ["an integer cut short", [8, 255]],
    ["a length beyond the end", [0x3a, 100, 1]],
    ["a length of 2⁶³ and more", [0x3a, ...Array<number>(9).fill(255), 1]],
    ["a length of 4 GB", [0x3a, 255, 255, 255, 255, 15]],
    ["a message longer than what contains it", [0x3a, 2, 0x0a, 100, ...Array<number>(100).fill(0)]],
    ["a group", [0x0b, 0x0c]],
    ["a wire type that there is not", [0x0f, 1]],
    ["a graph that is a number", [0x38, 1]],
    ["an integer that is bytes", [0x0a, 1, 1]],
    ["a text that is no UTF-8", [0x12, 2, 0xc3, 0x28]],
  ])("%s", (_, bytes) => {
    refused(() => fromONNX(Uint8Array.from([...header, ...bytes])));
  });

  test("deep nesting, which no message type here allows, is passed over", () => {
    let inner: Uint8Array = new Uint8Array();
    const wrap = (tag: number): void => {
      const length: number[] = [];
      let rest = inner.length;
      for (; rest > 127; rest >>>= 7) length.push((rest & 127) | 128);
      inner = Uint8Array.of(tag, ...length, rest, ...inner);
    };
    // A graph in an attribute of a node in a graph …
    for (let depth = 0; depth < 300; depth++) for (const tag of [0x32, 0x2a, 0x0a]) wrap(tag);
    wrap(0x3a);
    expect(refused(() => fromONNX(inner))).toMatch(/0 inputs|0 outputs/);
  });

  test("more empty parts than a model has", () => {
    const nodes = new Uint8Array(2 * 70_000);
    for (let i = 0; i < nodes.length; i += 2) nodes[i] = 0x0a;
    const bytes = Uint8Array.from([0x3a, 0xe0, 0xc5, 8, ...nodes]);
    expect(refused(() => fromONNX(bytes))).toMatch(/too many parts/);
  });

  test.each([
    ["enormous", [2 ** 40, 2 ** 40]],
    ["negative", [-2, -2]],
    ["0", [0, 0]],
    ["wrapped around 2⁶⁴", [2 ** 32, 2 ** 32, 2]],
    ["many", Array<number>(1000).fill(1)],
  ])("dimensions that are %s", (_, dims) => {
    const model = {
      nodes: [node("MatMul", ["x", "D"], "y")],
      initializers: [{ name: "D", dims, dataType: 1, raw: new Uint8Array(16) }],
    };
    refused(() => fromONNX(encode(MODEL, { graph: { ...model, inputs: [{ name: "x" }], outputs: [{ name: "y" }] } })));
  });

  test("expressions that double with every node", () => {
    const double = (op: string): object[] => [
      dense,
      ...Array.from({ length: 60 }, (_, i) => node(op, [i ? `v${i}` : "z", i ? `v${i}` : "z"], `v${i + 1}`)),
      node("Tanh", ["v60"], "y"),
    ];
    for (const op of ["Mul", "Add", "Max", "Sub", "Div"])
      expect(refusal({ nodes: double(op) })).toMatch(/which is no activation/);
    const nested = (op: string): object[] => [
      dense,
      ...Array.from({ length: 500 }, (_, i) => node(op, [i ? `v${i}` : "z"], `v${i + 1}`)),
      node("Tanh", ["v500"], "y"),
    ];
    expect(refusal({ nodes: nested("Exp") })).toMatch(/"the Tanh" \(Tanh\) computes something, which is no activation/);
  });

  test("names that JavaScript objects have of themselves", () => {
    for (const name of ["__proto__", "constructor", "toString"]) {
      expect(refusal({ nodes: [dense, node(name, ["z"], "y")] })).toContain(name);
      expect(refusal({ nodes: [node("MatMul", ["x", name], "y")] })).toContain(name);
    }
  });
});
