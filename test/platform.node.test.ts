// What a platform may lack: src/platform.ts alone names it, and without any of it, or all of it, the library does what it does in Node.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createContext, runInContext, Script } from "node:vm";
import { parseSync } from "@swc/core";
import { buildSync, transformSync } from "esbuild";
import { beforeAll, describe, expect, test } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));

/** Globals of Node and browsers that the language does not have; `WebAssembly` and what belongs to it. */
const GLOBALS = [
  "AbortController",
  "AbortSignal",
  "Blob",
  "BroadcastChannel",
  "Buffer",
  "DOMException",
  "Deno",
  "Event",
  "EventTarget",
  "FinalizationRegistry",
  "MessageChannel",
  "MessagePort",
  "ReadableStream",
  "SharedArrayBuffer",
  "TextDecoder",
  "TextEncoder",
  "URL",
  "WeakRef",
  "WebAssembly",
  "Worker",
  "atob",
  "btoa",
  "clearTimeout",
  "console",
  "crypto",
  "document",
  "fetch",
  "globalThis",
  "importScripts",
  "navigator",
  "performance",
  "process",
  "queueMicrotask",
  "require",
  "self",
  "setImmediate",
  "setInterval",
  "setTimeout",
  "structuredClone",
  "window",
];

/** The names in a module that are neither types nor properties. */
function namesIn(source: string): Set<string> {
  const { code } = transformSync(source, { loader: "ts" });
  const names = new Set<string>();
  const visit = (node: unknown): void => {
    if (typeof node !== "object" || node === null) return;
    const { type, value, property, key, ...rest } = node as Record<string, unknown>;
    if (type === "Identifier") names.add(value as string);
    for (const child of Object.values(rest)) visit(child);
    const isPlain = (name: unknown): boolean => (name as { type?: string } | undefined)?.type === "Identifier";
    if (!isPlain(property)) visit(property);
    if (!isPlain(key)) visit(key);
    if (type !== "Identifier") visit(value);
  };
  visit(parseSync(code, { syntax: "ecmascript", target: "es2022" }));
  return names;
}

/** Which of the globals a file may name all the same: it runs only where they are. */
const OWN: Record<string, string[]> = {
  "platform.ts": GLOBALS,
  "threads/worker.ts": ["globalThis"],
  // Only Chromium's AudioWorklet has none, where nobody searches.
  "entries/selection/search.ts": ["AbortController"],
};

const sources = readdirSync(join(root, "src"), { recursive: true, encoding: "utf8" })
  .map((path) => path.replaceAll("\\", "/"))
  .filter((path) => path.endsWith(".ts") && !/^cli\/|^entries\/node\.ts/.test(path));

test("the names in a module are found where they are used, not where they are types, properties or text", () => {
  const names = namesIn(
    'const a: Blob = x.process; f(new URL(b), { console: 1, [atob]: "fetch" }); /* self */ globalThis.Worker; y[window];',
  );
  expect([...names].filter((name) => GLOBALS.includes(name)).toSorted()).toEqual(["URL", "atob", "globalThis", "window"]);
});

test.each(sources)("%s names no global that a platform may lack", (path) => {
  const allowed = OWN[path] ?? [];
  const named = [...namesIn(readFileSync(join(root, "src", path), "utf8"))].filter(
    (name) => GLOBALS.includes(name) && !allowed.includes(name),
  );
  expect(named).toEqual([]);
});

/** What a program does with the library: learns, saves, loads, goes on, trains in the background, hands its model on. */
const PROGRAM = `(async () => {
  const { NN, toONNX, fromONNX, ModelFormatError } = library;
  const x = [[0, 0], [0, 1], [1, 0], [1, 1]], y = [[0], [1], [1], [0]];
  const make = (more) => new NN({ layers: [2, 5, 1], optimizer: "adam", seed: 1, reproducible: true, epochs: 30, batchSize: 2, ...more });
  const nn = make();
  nn.metadata = { name: "Müller, 漢字, 😀" };
  const before = nn.fit(x, y, { verbose: 2, timeLimit: 1e6 });
  const bytes = nn.save();
  const loaded = NN.load(bytes);
  const { loss } = await loaded.fitAsync(x, y, { epochs: 10, threads: 2 });
  const double = make({ dtype: "float64" });
  const predictions = [loaded.predict(x), await loaded.predictAsync(x), double.predict(x)];
  const errors = [];
  for (const damage of [(file) => file.fill(255, 9, 12), (file) => file.subarray(0, 100), (file) => file.fill(0, file.length - 4)]) {
    try {
      NN.load(damage(bytes.slice()));
    } catch (error) {
      errors.push(error instanceof ModelFormatError, error.message);
    }
  }
  return JSON.stringify({
    backend: nn.backend, metadata: loaded.metadata, epochs: before.epochs, first: before.loss, loss, bytes: [...bytes], predictions, errors,
    onnx: fromONNX(toONNX(nn, { name: "漢字" })).predict(x),
  });
})()`;

let library: Script;

beforeAll(() => {
  const contents = 'export * from "./index.js"; export * from "./entries/onnx.js";';
  const { outputFiles } = buildSync({
    stdin: { contents, resolveDir: join(root, "src"), loader: "ts" },
    bundle: true,
    write: false,
    format: "iife",
    globalName: "library",
    target: "es2022",
  });
  library = new Script(outputFiles[0]!.text);
});

/** What a context of a `vm` has besides the language: `WebAssembly`, `SharedArrayBuffer` and `console`; the rest is given. */
const GIVEN = {
  Blob,
  MessageChannel,
  TextDecoder,
  TextEncoder,
  URL,
  atob,
  btoa,
  clearTimeout,
  navigator: { hardwareConcurrency: 2 },
  performance,
  process: {
    versions: process.versions,
    execArgv: [],
    stdout: { write: () => true },
    getBuiltinModule: process.getBuiltinModule.bind(process),
  },
  queueMicrotask,
  setImmediate,
  setTimeout,
  structuredClone,
};
const PRESENT = [...Object.keys(GIVEN), "SharedArrayBuffer", "WebAssembly", "console"];

async function runWithout(...absent: string[]): Promise<Record<string, unknown>> {
  const context = createContext({ ...GIVEN });
  runInContext("console = { log() {}, warn() {} };", context);
  for (const name of absent)
    runInContext(
      `delete globalThis.${name}; if (typeof ${name} !== "undefined") throw new Error("${name} is still there");`,
      context,
    );
  library.runInContext(context);
  return JSON.parse(await (runInContext(PROGRAM, context) as Promise<string>)) as Record<string, unknown>;
}

describe("the library does the same", () => {
  let whole: Record<string, unknown>;
  let plain: Record<string, unknown>;

  beforeAll(async () => {
    whole = await runWithout();
    plain = await runWithout("WebAssembly");
  });

  test("and what it does is right", () => {
    expect(whole).toMatchObject({
      backend: "wasm-simd",
      metadata: { name: "Müller, 漢字, 😀" },
      epochs: 30,
      errors: [true, expect.any(String), true, expect.any(String), true, expect.any(String)],
    });
    expect(whole.predictions).toEqual([expect.any(Array), (whole.predictions as unknown[])[0], expect.any(Array)]);
    expect(plain).toMatchObject({
      backend: "js",
      metadata: whole.metadata,
      epochs: 30,
      errors: [true, expect.any(String), true, expect.any(String), true, expect.any(String)],
    });
  });

  test.each(PRESENT.filter((name) => name !== "WebAssembly"))("without %s", async (name) => {
    expect(await runWithout(name)).toEqual(whole);
  });

  test("without any of them, in WebAssembly", async () => {
    expect(await runWithout(...PRESENT.filter((name) => name !== "WebAssembly"))).toEqual(whole);
  });

  test("without any of them and without WebAssembly, in plain JavaScript", async () => {
    expect(await runWithout(...PRESENT)).toEqual(plain);
  });
});

describe("the default number of threads", () => {
  const TRAINING = `(async () => {
    const { NN } = library;
    const nn = new NN({ layers: [256, 256, 4], batchSize: 256, epochs: 1, seed: 1 });
    const x = Float32Array.from({ length: 256 * 256 }, (_, i) => Math.sin(i)), y = new Float32Array(256 * 4);
    await nn.fitAsync(x, y);
    return nn.threads;
  })()`;
  const threadsOn = (cores: number): Promise<number> => {
    const getBuiltinModule = (name: string): unknown =>
      name === "node:os" ? { availableParallelism: () => cores } : process.getBuiltinModule(name);
    const context = createContext({ ...GIVEN, process: { ...GIVEN.process, getBuiltinModule } });
    library.runInContext(context);
    return runInContext(TRAINING, context) as Promise<number>;
  };

  test.each([
    [1, 1],
    [2, 1],
    [4, 3],
  ])("of fitAsync leaves one core to the server: of %d it takes %d", async (cores, threads) => {
    expect(await threadsOn(cores)).toBe(threads);
  });
});
