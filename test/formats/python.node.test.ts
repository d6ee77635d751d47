// docs/load_in_*.py, the programs that open a saved network in Python, in the frameworks that this machine has; Keras, which Debian has
// not, through a stub (keras_stub/). And the other way: weights that docs/load_in_pytorch.py writes.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, test } from "vitest";
import { NN, type NetworkOptions } from "../../src/index.js";

const docs = fileURLToPath(new URL("../../docs/", import.meta.url));
const stub = fileURLToPath(new URL("keras_stub/", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "wasmlp-python-"));
afterAll(() => rmSync(folder, { recursive: true }));

const FRAMEWORKS = { pytorch: "torch", sklearn: "sklearn", keras: "keras" };
type Framework = keyof typeof FRAMEWORKS;

function run(python: string, program: string, ...args: readonly string[]): unknown {
  const path = `import sys\nsys.dont_write_bytecode = True\nsys.path[:0] = ${JSON.stringify([docs])}\nsys.path.append(${JSON.stringify(stub)})\n`;
  return JSON.parse(
    execFileSync(python, ["-c", path + program, ...args], { encoding: "utf8", env: { ...process.env, OMP_NUM_THREADS: "1" } }),
  );
}

/** The first Python that has NumPy and this module, if there is one. */
function pythonWith(module: string): string | undefined {
  const has = `import importlib.util, json\nprint(json.dumps(all(importlib.util.find_spec(name) for name in ("numpy", ${JSON.stringify(module)}))))`;
  return [process.env.PYTHON, "/usr/bin/python3", "python3"].find((python) => {
    try {
      return python && run(python, has) === true;
    } catch {
      return false;
    }
  });
}

const found = (Object.entries(FRAMEWORKS) as [Framework, string][]).flatMap(([name, module]) =>
  [pythonWith(module)].filter((python) => python !== undefined).map((python) => ({ name, python })),
);

const x = Array.from({ length: 12 }, (_, r) => [Math.sin(r), 2 * Math.cos(2 * r), Math.sin(3 * r + 1)]);

const trained = (options: NetworkOptions, y: number[][] | number[]): NN => {
  const nn = new NN({ seed: 3, epochs: 3, ...options });
  nn.fit(x, y);
  return nn;
};
const numbers = x.map(([a, b, c]) => [100 + 20 * a! * b!, 5 * c!]);
const inUnits = numbers.map(([a, b]) => [a! / 200, (b! + 5) / 10]);
const classes = x.map((_, r) => r % 3);

/** Networks that every framework has, and those that PyTorch and Keras have, too. */
const COMMON = {
  "a regressor with both scalers": trained(
    { layers: [3, 5, 4, 2], activation: "tanh", loss: "meanSquaredError", inputScaling: "standard", targetScaling: "minmax" },
    numbers,
  ),
  "a classifier of three classes": trained(
    { layers: [3, { units: 6, activation: "relu", dropout: 0.25 }, 3], loss: "categoricalCrossentropy", inputScaling: "minmax" },
    classes,
  ),
  "two sigmoids in float64": trained(
    { layers: [3, 4, 2], loss: "binaryCrossentropy", dtype: "float64" },
    inUnits.map((row) => row.map(Math.round)),
  ),
  "one layer without bias": trained({ layers: [3, { units: 2, bias: false }], loss: "meanSquaredError" }, numbers),
};
const hidden = ["sigmoid", "leakyRelu", "elu", "softplus", "swish", "gelu"] as const;
const NETWORKS: Record<string, NN> = {
  ...COMMON,
  "every other activation in float64": trained(
    {
      layers: [3, ...hidden.map((activation, i) => ({ units: 4 + (i % 2), activation, bias: i % 3 > 0 })), 2],
      dtype: "float64",
      loss: "huber",
      inputScaling: { shift: [1, 2, 3], scale: [2, 3, 4] },
      targetScaling: { shift: [3, 4], scale: [5, 6] },
    },
    numbers,
  ),
};

/** Each network's outputs for `x` through a framework, in one process. */
const LOAD: Record<Framework, string> = {
  pytorch: "from load_in_pytorch import load, predict\nfrom_file = lambda path, x: predict(*load(path), x)",
  sklearn: `import numpy as np\nfrom load_in_sklearn import load\ndef from_file(path, x):
  model = load(path)
  return np.asarray((model.predict_proba if hasattr(model, "predict_proba") else model.predict)(np.array(x)), float).tolist()`,
  keras:
    "import numpy as np\nfrom load_in_keras import load\nfrom_file = lambda path, x: load(path).predict(np.array(x), verbose=0).tolist()",
};

function expectNear(actual: readonly (readonly number[])[], wanted: readonly (readonly number[])[], tolerance: number): void {
  expect(actual.map((row) => row.length)).toEqual(wanted.map((row) => row.length));
  for (const [r, row] of wanted.entries()) {
    for (const [j, value] of row.entries())
      expect(Math.abs(actual[r]![j]! - value) / Math.max(1, Math.abs(value))).toBeLessThanOrEqual(tolerance);
  }
}

test.each(Object.entries(FRAMEWORKS))(
  "load_in_%s.py imports nothing but Python's own modules, NumPy and its framework, and is part of the package",
  (name, module) => {
    const imported = [...readFileSync(join(docs, `load_in_${name}.py`), "utf8").matchAll(/^(?:import|from) (\w+)/gm)].map(
      (match) => match[1]!,
    );
    expect([...new Set(imported)].sort()).toEqual(["json", "numpy", "pathlib", "sys", module].sort());
    const { files } = JSON.parse(readFileSync(join(docs, "../package.json"), "utf8")) as { files: string[] };
    expect(files).toContain("docs/**/*.py");
  },
);

test.each(found)(
  "$name: the loader computes the outputs of wasmlp",
  ({ name, python }) => {
    const networks = Object.entries(name === "sklearn" ? COMMON : NETWORKS);
    const paths = networks.map(([, nn], i) => {
      const path = join(folder, `${name}${i}.safetensors`);
      writeFileSync(path, nn.save());
      return path;
    });
    const program = `import json, sys\n${LOAD[name]}\npaths, x = json.loads(sys.argv[1])\nprint(json.dumps([from_file(path, x) for path in paths]))`;
    const outputs = run(python, program, JSON.stringify([paths, x])) as number[][][];
    expect(outputs).toHaveLength(networks.length);
    for (const [i, [, nn]] of networks.entries()) expectNear(outputs[i]!, nn.predict(x), nn.dtype === "float64" ? 1e-12 : 2e-6);
  },
  60_000,
);

test.each(found.filter(({ name }) => name === "sklearn"))(
  "load_in_sklearn.py refuses what scikit-learn does not have, and says what",
  ({ python }) => {
    const refused = {
      mixed: [3, { units: 4, activation: "tanh" }, { units: 4, activation: "relu" }, 1],
      last: [3, 4, { units: 2, activation: "tanh" }],
      two: [3, 4, { units: 2, activation: "softmax" }],
    } as const;
    const paths = Object.entries(refused).map(([name, layers]) => {
      const path = join(folder, `${name}.safetensors`);
      writeFileSync(
        path,
        new NN({ layers, loss: name === "two" ? "categoricalCrossentropy" : "meanSquaredError", seed: 1 }).save(),
      );
      return path;
    });
    const program = `import json, sys\nfrom load_in_sklearn import load\ndef message(path):\n  try:\n    load(path)\n  except ValueError as error:\n    return str(error)\nprint(json.dumps([message(path) for path in json.loads(sys.argv[1])]))`;
    const messages = run(python, program, JSON.stringify(paths)) as string[];
    for (const [i, said] of [
      /hidden layers.*this network has relu, tanh/,
      /last layer's activation is tanh/,
      /two classes/,
    ].entries())
      expect(messages[i]).toMatch(said);
  },
  60_000,
);

test.each(found.filter(({ name }) => name === "pytorch"))(
  "NN.load reads what export_weights writes of a Sequential and of named layers",
  ({ python }) => {
    const program = `import json, sys, torch
from load_in_pytorch import export_weights
folder, x = json.loads(sys.argv[1])
torch.manual_seed(5)
class Named(torch.nn.Module):
  def __init__(self):
    super().__init__()
    self.second = torch.nn.Linear(7, 2, bias=False)
    self.first = torch.nn.Linear(3, 7)
  def forward(self, x):
    return self.second(torch.tanh(self.first(x)))
modules = [torch.nn.Sequential(torch.nn.Linear(3, 7), torch.nn.ReLU(), torch.nn.Linear(7, 7), torch.nn.ReLU(), torch.nn.Linear(7, 2), torch.nn.Sigmoid()), Named(), Named().double()]
outputs = []
for i, module in enumerate(modules):
  export_weights(module if i else module.state_dict(), f"{folder}/torch{i}.safetensors")
  outputs.append(module(torch.tensor(x, dtype=next(module.parameters()).dtype)).tolist())
print(json.dumps(outputs))`;
    const outputs = run(python, program, JSON.stringify([folder, x])) as number[][][];
    const named = {
      layers: [3, { units: 7, activation: "tanh" }, { units: 2, activation: "linear", bias: false }],
      names: ["first", { kernel: "second.weight" }],
    } as const;
    const options = [
      { layers: [3, 7, 7, { units: 2, activation: "sigmoid" }], activation: "relu" },
      named,
      { ...named, dtype: "float64" },
    ] as const;
    for (const [i, each] of options.entries()) {
      const nn = NN.load(new Uint8Array(readFileSync(join(folder, `torch${i}.safetensors`))), each);
      expectNear(nn.predict(x), outputs[i]!, i === 2 ? 1e-14 : 1e-6);
    }
  },
  60_000,
);
