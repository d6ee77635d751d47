// The package as users get it: packed, installed offline in an empty project, imported, required and type-checked there.
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));
const tool = (path: string): string => join(root, "node_modules", path);
/** Where everything happens: a project that knows nothing of this repository. */
const project = mkdtempSync(join(tmpdir(), "wasmlp-package-"));
const installed = join(project, "node_modules/wasmlp");
const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as Record<string, unknown> & {
  exports: Record<string, unknown>;
};
/** Entries that are code: "wasmlp", "wasmlp/…". */
const entries = Object.keys(manifest.exports).filter((entry) => !/\*|\.json$/.test(entry)).map((entry) => entry.replace(".", "wasmlp"));
let tarball: string;
let packed: string[];

/** Runs a program in a folder; when it fails, what it said becomes the error. */
function runIn(cwd: string, ...command: string[]): string {
  const [program, ...args] = command as [string, ...string[]];
  try {
    return execFileSync(program, args, { cwd, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
  } catch (error) {
    const { stdout, stderr } = error as { stdout?: string; stderr?: string };
    throw new Error(`${command.join(" ")}\n${stdout ?? ""}${stderr ?? ""}`, { cause: error });
  }
}

function node(...args: string[]): string {
  return runIn(project, process.execPath, ...args);
}

/** npm: the one that runs the tests, else the one on the PATH. Offline, and without asking or telling anyone anything. */
function npm(...args: string[]): string {
  const running = process.env.npm_execpath ?? "";
  const command = /npm-cli\.[cm]?js$/.test(running) ? [process.execPath, running]
    : process.platform === "win32" ? ["cmd.exe", "/d", "/s", "/c", "npm"] : ["npm"];
  return runIn(project, ...command, ...args, "--offline", "--no-audit", "--no-fund", "--no-update-notifier", "--ignore-scripts");
}

function write(files: Record<string, string>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(project, path, ".."), { recursive: true });
    writeFileSync(join(project, path), text);
  }
}

beforeAll(() => {
  if (!existsSync(join(root, "dist/index.js"))) throw new Error("there is no dist/index.js to pack: run `npm run build` first");
  write({ "package.json": '{ "name": "user", "version": "1.0.0", "private": true }' });
  const [{ filename, files }] = JSON.parse(npm("pack", root, "--json")) as [{ filename: string; files: { path: string }[] }];
  tarball = join(project, filename);
  packed = files.map(({ path }) => path);
  npm("install", tarball);
});

afterAll(() => rmSync(project, { recursive: true, force: true }));

describe("the tarball", () => {
  test("holds what a user needs and nothing else", () => {
    expect(packed.filter((path) => !path.startsWith("dist/")).toSorted()).toEqual(["CHANGELOG.md", "LICENSE", "README.md", "package.json"]);
    expect(packed.filter((path) => path.startsWith("dist/")).filter((path) => !/\.(js|d\.ts|wasm)$/.test(path))).toEqual([]);
    expect(packed).toContain("dist/index.js");
  });

  test("asks for no other package and runs no script when it is installed", () => {
    for (const field of ["dependencies", "peerDependencies", "optionalDependencies", "bundleDependencies"]) {
      expect(manifest[field], field).toBeUndefined();
    }
    const scripts = Object.keys(manifest.scripts as object);
    expect(scripts.filter((name) => /^(pre|post)?install$|^prepare$|^prepublish$/.test(name))).toEqual([]);
    expect(npm("ls", "--all", "--parseable").trim().split("\n")).toHaveLength(2); // the project and wasmlp
  });

  test("keeps its size, as .size-limit.json has it", () => {
    const report = runIn(root, process.execPath, tool("size-limit/bin.js"), "--json"); // fails where a file is larger than its limit
    const [{ size }] = JSON.parse(report) as [{ size: number }];
    expect(size).toBe(gzipSync(readFileSync(join(installed, "dist/index.js")), { level: 9 }).length);
  });

  test("shows nothing of the machine that packed it", () => {
    for (const path of packed) expect(readFileSync(join(installed, path), "latin1").includes(root), path).toBe(false);
  });
});

describe("an empty project on this Node", () => {
  const learn = `
    const nn = new NN(2, 3, 1, 0.5, 5000, { seed: 1 });
    nn.fit([[0, 0], [0, 1], [1, 0], [1, 1]], [[0], [1], [1], [0]]);
    console.log(nn.predict([[0, 0], [0, 1], [1, 0], [1, 1]]).map(([p]) => Math.round(p)).join(""), nn.backend);
  `;

  test("imports it", () => {
    write({ "import.mjs": `import { NN } from "wasmlp";${learn}` });
    expect(node("import.mjs")).toMatch(/^0110 wasm-(relaxed-)?simd\n$/);
  });

  test("requires it", () => {
    write({ "require.cjs": `const { NN } = require("wasmlp");${learn}` });
    expect(node("require.cjs")).toMatch(/^0110 wasm-(relaxed-)?simd\n$/);
  });

  test.each(entries)("finds %s, both ways, and the same module", (entry) => {
    const source = `import * as a from ${JSON.stringify(entry)};
      import { createRequire } from "node:module";
      console.log(Object.keys(a).length > 0, createRequire(import.meta.url)(${JSON.stringify(entry)}) === a);`;
    write({ "both.mjs": source });
    expect(node("both.mjs")).toBe("true true\n");
  });

  test("has the WebAssembly builds as files, too", () => {
    const builds = packed.filter((path) => path.endsWith(".wasm")).map((path) => path.replace(/^dist/, "wasmlp"));
    expect(builds).toContain("wasmlp/wasm/f32-simd.wasm");
    write({
      "builds.mjs": `import { readFileSync } from "node:fs";
        for (const build of process.argv.slice(2)) {
          const bytes = readFileSync(new URL(import.meta.resolve(build)));
          console.log(build, bytes.subarray(0, 4).toString("latin1") === "\\0asm");
        }`,
    });
    expect(node("builds.mjs", ...builds)).toBe(builds.map((build) => `${build} true\n`).join(""));
  });
});

describe("types", () => {
  const program = `
    import { NN, type History, type NetworkOptions } from "wasmlp";
    const options: NetworkOptions = { layers: [2, { units: 3, activation: "tanh" }, 1], loss: "binaryCrossentropy", seed: 1 };
    const nn = new NN(options);
    const history: History = nn.fit([[0, 0], [0, 1], [1, 0], [1, 1]], [[0], [1], [1], [0]], { epochs: 3 });
    const last: number | undefined = history.loss.at(-1);
    const rows: number[][] = nn.predict([[0, 0], [0, 1]]);
    const row: number[] = nn.predict([0, 1]);
    const flat: Float32Array | Float64Array = nn.predict(Float32Array.of(0, 1));
    // @ts-expect-error an activation that does not exist
    new NN({ layers: [2, { units: 3, activation: "tahn" }, 1] });
    // @ts-expect-error an option that does not exist
    nn.fit([[0, 0]], [[0]], { epoch: 3 });
    export { flat, last, row, rows };
  `;

  const strict = { strict: true, exactOptionalPropertyTypes: true, noUncheckedIndexedAccess: true, skipLibCheck: false, noEmit: true };
  const bundler = { module: "esnext", moduleResolution: "bundler" };
  const nodenext = { module: "nodenext", moduleResolution: "nodenext" };
  const page = { target: "es2022", lib: ["es2022", "dom"], types: [] };
  const server = { target: "es2022", lib: ["es2022"], types: ["node"], typeRoots: [tool("@types")] };

  test.each([
    ["a bundled page", "program.ts", { ...strict, ...bundler, ...page }],
    ["an ES module on Node", "program.mts", { ...strict, ...nodenext, ...server }],
    ["a CommonJS module on Node", "program.cts", { ...strict, ...nodenext, ...server }],
  ])("fit %s", (_title, file, compilerOptions) => {
    write({ [file]: program, "tsconfig.json": JSON.stringify({ compilerOptions, files: [file] }) });
    expect(node(tool("typescript/bin/tsc"), "-p", "tsconfig.json")).toBe("");
  });

  test.each(entries)("come with %s", (entry) => {
    const source = `import * as entry from ${JSON.stringify(entry)};\nexport const names: string[] = Object.keys(entry);`;
    const compilerOptions = { ...strict, ...nodenext, ...server };
    write({ "entry.mts": source, "tsconfig.json": JSON.stringify({ compilerOptions, files: ["entry.mts"] }) });
    expect(node(tool("typescript/bin/tsc"), "-p", "tsconfig.json")).toBe("");
  });
});

describe("the manifest, by its linters", () => {
  test("publint", async () => {
    const { messages, pkg } = await publint({ pkgDir: installed, pack: false, strict: true });
    expect(messages.map((message) => formatMessage(message, pkg, { color: false }))).toEqual([]);
  });

  test("are the types wrong", () => {
    // Exits with an error when one is.
    const report = node(tool("@arethetypeswrong/cli/dist/index.js"), tarball, "--profile", "esm-only", "--no-color", "--no-emoji");
    expect(report).toContain("OK (ESM)");
  });
});
