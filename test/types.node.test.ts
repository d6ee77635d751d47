// The types from a user's view: every kind of project that compiles against them, errors for mistakes, and editors' completions.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { NN } from "../src/index.js";
import { LanguageServer } from "./language-server.js";
import { Project, root, tool } from "./packed.js";

let project: Project;

beforeAll(() => {
  project = new Project();
});

afterAll(() => project?.remove());

const strict = {
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  skipLibCheck: false,
  noEmit: true,
};
const nodenext = { module: "nodenext", moduleResolution: "nodenext" };
const page = { target: "es2022", lib: ["es2022", "dom"], types: [] };
const server = { target: "es2022", lib: ["es2022"], types: ["node"], typeRoots: [tool("@types")] };
/** Neither Node's types nor the DOM's: `URL`, `AbortSignal` and `WebAssembly` do not exist. */
const bare = { target: "es2022", lib: ["es2022"], types: [] };

/** tsc's output for one file. */
function compile(file: string, text: string, compilerOptions: object): string {
  project.write({ [file]: text, "tsconfig.json": JSON.stringify({ compilerOptions, files: [file] }) });
  return project.node(tool("typescript/bin/tsc"), "-p", "tsconfig.json");
}

describe("a program", () => {
  const program = `
    import { NN, type History, type NetworkOptions } from "wasmlp";
    import { accuracy, f1 } from "wasmlp/metrics";
    import { loadFile, saveFile } from "wasmlp/node";
    import { crossValidate, integer, kFold, logUniform, oneOf, search, trainTestSplit, type NetworkSpace } from "wasmlp/selection";
    import { TableModel, type Column, type Label, type TableEvaluation } from "wasmlp/table";
    interface Flower { petal: number | string; colour?: string | null; species: string }
    const flowers: Flower[] = [{ petal: "1.4", colour: null, species: "setosa" }, { petal: 5, colour: "red", species: "virginica" }];
    const column: Column = { missing: "unknown" };
    const model = new TableModel({ target: "species", columns: { colour: column }, network: { hidden: [4], seed: 1 } });
    const species: Label[] = model.predict(flowers);
    const shades: { black: number }[] = new TableModel({ target: ["black"] as const }).predict<{ black: number }>(flowers);
    const evaluation: TableEvaluation = TableModel.load(model.save()).evaluate(flowers);
    const trained: Promise<History> = model.fitAsync(async function* () { yield* flowers; }, { classWeight: { setosa: 2 }, threads: 1 });
    const options: NetworkOptions = { layers: [2, { units: 3, activation: "tanh" }, 1], loss: "binaryCrossentropy", seed: 1 };
    const nn = new NN(options);
    const history: History = nn.fit([[0, 0], [0, 1], [1, 0], [1, 1]], [[0], [1], [1], [0]], {
      epochs: 3, onEpochEnd: ({ epoch, loss }) => epoch < 3 || loss > 0.1,
    });
    const last: number | undefined = history.loss.at(-1);
    const rows: number[][] = nn.predict([[0, 0], [0, 1]]);
    const row: number[] = nn.predict([0, 1]);
    const flat: Float32Array | Float64Array = nn.predict(Float32Array.of(0, 1));
    const score: number = accuracy([0, 1], nn.predictClasses([[0, 0], [0, 1]])) + f1([0, 1], [0, 1]);
    const each: number[] = f1([0, 1], [0, 1], { average: "none" });
    const space: NetworkSpace = {
      layers: [2, { units: integer(2, 8), activation: oneOf(["relu", "tanh"]) }, 1], loss: "meanSquaredError",
      optimizer: oneOf(["adam", { name: "sgd", learningRate: logUniform(1e-4, 1), momentum: oneOf([0, 0.9]) }]), l2: oneOf([0, 1e-3]),
    };
    const found: Promise<NN> = search(space, [[0, 0], [0, 1]], [[0], [1]], { strategy: "halving", epochs: 9 }).then(({ best }) => new NN(best.options));
    const mean: number = crossValidate(options, Float32Array.of(0, 1, 0, 1), [1, 0], { folds: 2, stratify: false, epochs: 1 }).mean;
    const { xTest }: { xTest: number[][] } = trainTestSplit([[0], [1]], [0, 1], { test: 1 });
    const tested: number[] = kFold(4, { folds: 2, stratify: ["a", "a", "b", "b"] }).flatMap(({ test }) => test);
    const again: Promise<NN> = saveFile(nn, "a").then(() => loadFile("a"));
    const stop = { aborted: false, reason: undefined, addEventListener() {}, removeEventListener() {} };
    const later: Promise<number[][]> = nn.fitAsync([[0, 1]], [[1]], { signal: stop, threads: 2 }).then(() => nn.predictAsync([[0, 1]]));
    const textbook = new NN(5, [10, 3] as const, 1, (epoch) => 1 / (1 + epoch), 1000, { dtype: "float64" });
    export { again, each, evaluation, found, mean, tested, xTest, flat, last, later, row, rows, score, shades, species, textbook, trained };
  `;

  test.each([
    ["for a bundled page", "program.ts", { module: "esnext", moduleResolution: "bundler", ...page }],
    ["for Vite", "program.ts", { module: "preserve", ...page }],
    ["as an ES module on Node", "program.mts", { ...nodenext, ...server }],
    ["as a CommonJS module on Node", "program.cts", { ...nodenext, ...server }],
    ["by the rules of Node 16", "program.mts", { module: "node16", moduleResolution: "node16", ...server }],
    ["by the rules of Node 16, in CommonJS", "program.cts", { module: "node16", moduleResolution: "node16", ...server }],
    ["with nothing but the language", "program.mts", { ...nodenext, ...bare }],
    ["with nothing but the language, bundled", "program.ts", { module: "esnext", moduleResolution: "bundler", ...bare }],
  ])("compiles %s", (_title, file, options) => {
    expect(compile(file, program, { ...strict, ...options })).toBe("");
  });
});

test("every entry has types", () => {
  type Conditions = Record<string, { types?: string; default: string } | string>;
  const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
    exports: Record<string, Conditions>;
    typesVersions: Record<string, Record<string, string[]>>;
  };
  const code = Object.entries(manifest.exports).filter(([entry]) => !/\*|\.json$|worker\.js$/.test(entry));
  expect(code.length).toBeGreaterThan(1);
  for (const [entry, conditions] of code) {
    for (const [condition, target] of Object.entries(conditions)) {
      const path = typeof target === "string" ? target : target.default;
      const types = typeof target === "string" ? path.replace(/js$/, "d.ts") : target.types;
      for (const file of [path, types]) expect(project.packed, `${entry}, ${condition}`).toContain(file?.replace("./", ""));
    }
    // For projects whose moduleResolution is node10.
    if (entry !== ".") expect(manifest.typesVersions["*"]![entry.slice(2)], entry).toEqual([`./dist/${entry.slice(2)}.d.ts`]);
  }
});

test("the tarball contains only declarations that an entry reaches", () => {
  const program =
    'import "wasmlp"; import "wasmlp/metrics"; import "wasmlp/selection"; import "wasmlp/module"; import "wasmlp/node"; import "wasmlp/onnx"; import "wasmlp/tfjs"; import "wasmlp/brain"; import "wasmlp/table";';
  const read = compile("all.mts", program, { ...strict, ...nodenext, ...bare, listFiles: true })
    .replaceAll("\\", "/")
    .split("\n");
  for (const path of project.packed.filter((file) => file.endsWith(".d.ts") && file.startsWith("dist/types/"))) {
    expect(
      read.some((file) => file.endsWith(`/wasmlp/${path}`)),
      path,
    ).toBe(true);
  }
});

describe("mistakes", () => {
  const mistakes: [code: string, message: string][] = [
    [
      "new NN({ layers: [2, 1], lerningRate: 0.1 })",
      "'lerningRate' does not exist in type 'NetworkOptions'. Did you mean to write 'learningRate'?",
    ],
    ["new NN({ loss: 'huber' })", "Property 'layers' is missing"],
    [
      "new NN({ layers: [2, { units: 3, actvation: 'tanh' }, 1] })",
      "'actvation' does not exist in type 'LayerOptions'. Did you mean to write 'activation'?",
    ],
    [
      "new NN({ layers: [2, { units: 3, activation: 'tahn' }, 1] })",
      `'"tahn"' is not assignable to type '"elu" | "gelu" | "leakyRelu" | "linear"`,
    ],
    ["new NN({ layers: [2, 3, 1], activation: 'softmax' })", `'"softmax"' is not assignable`],
    [
      "new NN({ layers: [2, 1], loss: 'mse' })",
      `'"mse"' is not assignable to type '"binaryCrossentropy" | "categoricalCrossentropy"`,
    ],
    ["new NN({ layers: [2, 1], optimizer: { name: 'sgd', beta1: 0.9 } })", "'beta1' does not exist in type 'SgdOptions'"],
    ["new NN(2, '3', 1, 0.1, 10)", "'string' is not assignable to parameter of type 'number | readonly number[]'"],
    ["new NN(2, 3, 1, 0.1, 10, { layers: [2, 1] })", "'layers' does not exist in type 'ExtraOptions'"],
    ["nn.fit([[0, 0]])", "Expected 2-3 arguments, but got 1"],
    ["nn.fit([['0', 0]], [[0]])", "Type 'string' is not assignable to type 'number'"],
    ["nn.fit([[0, 0]], [[0]], { epoch: 3 })", "'epoch' does not exist in type 'FitOptions'. Did you mean to write 'epochs'?"],
    ["nn.fit([[0, 0]], [[0]], { earlyStopping: { monitor: 'valLos' } })", `Did you mean '"valLoss"'?`],
    ["nn.fit([[0, 0]], [[0]]).accuracy.at(-1)", "Object is possibly 'undefined'"],
    ["nn.backend = 'js'", "it is a read-only property"],
    ["nn.partialfit([0, 0], [0])", "Did you mean 'partialFit'?"],
    ["f1([0, 1], [1, 1], { average: 'mean' })", `'"mean"' is not assignable to type '"binary" | "macro" | "micro"`],
    ["new TableModel({ target: 'a', network: { layers: [1] } })", "'layers' does not exist in type 'TableNetworkOptions'"],
    ["new TableModel({ target: 'a', columns: { b: 'numbr' } })", `'"numbr"' is not assignable to type 'Column'`],
    ["saveFile('a', nn)", "Argument of type 'string' is not assignable to parameter of type 'NN'"],
  ];
  /** What tsc says, by line. */
  const said = new Map<number, string>();
  const head =
    'import { NN } from "wasmlp"; import { f1 } from "wasmlp/metrics"; import { saveFile } from "wasmlp/node"; import { TableModel } from "wasmlp/table"; const nn = new NN(2, 3, 1, 0.1, 10);';

  beforeAll(() => {
    let output = "";
    try {
      compile("mistakes.mts", [head, ...mistakes.map(([code]) => `${code};`)].join("\n"), { ...strict, ...nodenext, ...bare });
    } catch (error) {
      output = (error as Error).message;
    }
    for (const [, line, text] of output.matchAll(/^mistakes\.mts\((\d+),\d+\): error (.*)$/gm)) {
      said.set(Number(line), `${said.get(Number(line)) ?? ""}${text}`);
    }
  });

  test.each(mistakes.map(([code, message], index) => ({ code, message, line: index + 2 })))("$code", ({ message, line }) => {
    expect(said.get(line)).toContain(message);
  });
});

describe("an editor offers", () => {
  let languageServer: LanguageServer;

  beforeAll(async () => {
    project.write({ "tsconfig.json": JSON.stringify({ compilerOptions: { ...strict, ...nodenext, ...bare } }) });
    languageServer = await LanguageServer.start(project.folder);
  });

  afterAll(() => languageServer?.stop());

  const layer = (text: string): string => `new NN({ layers: [2, { units: 3, ${text} }, 1] })`;
  test.each([
    ["activations", layer('activation: "|"'), "elu gelu leakyRelu linear relu sigmoid softmax softplus swish tanh"],
    ["a layer's options", layer("|"), "activation bias dropout initializer"],
    ["optimisers", 'new NN({ layers: [2, 1], optimizer: "|" })', "adam adamw rmsprop sgd"],
    ["an optimiser's own options", 'new NN({ layers: [2, 1], optimizer: { name: "sgd", | } })', "learningRate momentum nesterov"],
    [
      "losses",
      'new NN({ layers: [2, 1], loss: "|" })',
      "binaryCrossentropy categoricalCrossentropy halfSquaredError huber meanAbsoluteError meanSquaredError squaredError",
    ],
  ])("%s", async (_title, code, offered) => {
    const labels = await languageServer.completions(`import { NN } from "wasmlp"; ${code};`);
    expect(labels.map((label) => label.replace("?", "")).toSorted()).toEqual(offered.split(" "));
  });

  test("a network's public members and no private ones", async () => {
    const labels = await languageServer.completions('import { NN } from "wasmlp"; new NN(2, 3, 1, 0.1, 10).|');
    const nn = new NN(2, 3, 1, 0.1, 10);
    const members = [...Object.getOwnPropertyNames(Object.getPrototypeOf(nn)), ...Object.keys(nn)];
    expect(labels.toSorted()).toEqual(members.filter((name) => !["constructor", "uncloneable"].includes(name)).toSorted());
  });
});
