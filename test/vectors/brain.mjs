// Writes test/vectors/brain.json: what brain.js's own toJSON and run say of small networks. brain.js is not installed here; in an
// empty folder: npm i --ignore-scripts brain.js@1.6.1 brain.js-2@npm:brain.js@2.0.0-beta.24 and then node brain.mjs that-folder.
import { writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";

const require = createRequire(join(resolve(process.argv[2]), "package.json"));

/** Weights from a seed: Math.random is all that brain.js draws from. */
function seed(state) {
  Math.random = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

const XOR = [
  [0, 0, 0],
  [0, 1, 1],
  [1, 0, 1],
  [1, 1, 0],
].map(([a, b, c]) => ({ input: [a, b], output: [c, 1 - c] }));
const COLOURS = [
  { input: { r: 0.03, g: 0.7, b: 0.5 }, output: { black: 1 } },
  { input: { r: 0.16, g: 0.09, b: 0.2 }, output: { white: 1 } },
  { input: { g: 0.5, r: 0.5 }, output: { white: 1, grey: 0.25 } },
];
const WIDE = Array.from({ length: 6 }, (_, r) => ({
  input: Array.from({ length: 40 }, (_, c) => Math.sin(r * 40 + c)),
  output: Array.from({ length: 3 }, (_, c) => (Math.cos(r * 3 + c) + 1) / 2),
}));

const cases = [];
/** Redrawn weights are larger than trained ones: no unit that is always 0 hides what the activation does. */
function add(name, version, options, data, { iterations = 60, isRedrawn = false, extra = [] } = {}) {
  seed(cases.length + 1);
  const brain = require(version === 1 ? "brain.js" : "brain.js-2");
  let net = new brain.NeuralNetwork(options);
  net.train(data, { iterations, errorThresh: 1e-9 });
  if (isRedrawn) {
    const redraw = (key, value) => (typeof value === "number" ? Math.fround(4 * Math.random() - 1.5) : value);
    const json = JSON.parse(JSON.stringify(net.toJSON()));
    net = new brain.NeuralNetwork(options).fromJSON({ ...json, layers: JSON.parse(JSON.stringify(json.layers), redraw) });
  }
  const inputs = [...data.map(({ input }) => input), ...extra];
  cases.push({
    name,
    json: JSON.parse(JSON.stringify(net.toJSON())),
    inputs,
    outputs: inputs.map((input) => {
      const output = net.run(input);
      return data[0].output.length ? Array.from(output) : output;
    }),
  });
}

for (const version of [1, 2]) {
  const name = (rest) => `${version === 1 ? "1.6.1" : "2.0.0-beta.24"}, ${rest}`;
  for (const activation of ["sigmoid", "relu", "leaky-relu", "tanh"]) {
    add(name(activation), version, { activation, hiddenLayers: [4, 3], learningRate: 0.05 }, XOR, {
      isRedrawn: true,
      extra: [
        [-7, 4],
        [3, -2],
        [-5, -9],
      ],
    });
  }
  add(name("object inputs and outputs"), version, { hiddenLayers: [4] }, COLOURS, { extra: [{ r: 1 }] });
  add(name("keys that are numbers"), version, { hiddenLayers: [2] }, [
    { input: { 7: 0.5, 3: 1, b: 0.2 }, output: { 12: 1, 2: 0 } },
    { input: { 3: 0.1, b: 0.9 }, output: { 2: 1 } },
  ]);
  add(name("40 inputs"), version, { hiddenLayers: [8] }, WIDE, { iterations: 20 });
  add(
    name("no hidden layer"),
    version,
    version === 1 ? { hiddenLayers: [] } : { inputSize: 2, outputSize: 2, hiddenLayers: [] },
    XOR,
  );
  add(name("adam"), version, { hiddenLayers: [3], praxis: "adam" }, XOR);
}
writeFileSync(new URL("brain.json", import.meta.url), `[\n${cases.map((each) => JSON.stringify(each)).join(",\n")}\n]\n`);
