// Builds everything: register tiles (tiles.mjs) and kernels (asc) → src/engine/wasm/builds.ts; the worker → src/threads/source.ts; dist/
// (esbuild, swc's and vite's minifiers) and its types (tsc). `--kernels` stops before dist/, which suffices for tests of the source.
//
//   dist/*.js              ES modules; index.js is the library and has a source map, the others import it
//   dist/*.cjs             the same in CommonJS, for tools that cannot load ES modules
//   dist/edge/             for platforms that forbid compiling: no inlined builds; workerd.js and edge-light.js import those in wasm/
//   dist/wasmlp.global.js  a classic script that declares `wasmlp`
//   dist/worker.js, wasm/  for pages that serve the worker, and for setModules
//   dist/*.d.ts, *.d.cts, types/    one tree of types for all
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { minifySync as compress } from "@swc/core";
import { build } from "esbuild";
import { minifySync } from "vite";
import { portable, writeExports } from "./exports.mjs";
import { pruneTypes } from "./prune-types.mjs";
import { buildsOf, checkTemplate, literal, memoryFlags } from "./templates.mjs";
import { tileSources } from "./tiles.mjs";

process.chdir(fileURLToPath(new URL("..", import.meta.url)));
const { targets } = JSON.parse(readFileSync("asconfig.json", "utf8"));

/** The public entries besides the library itself; scripts/exports.mjs has how package.json exports them. */
const ENTRIES = ["metrics", "selection", "node", "onnx", "module", "tfjs", "brain", "table"];

/** Keeps the library out of the other entries' bundles, from whichever folder their modules import it. */
const sharedIndex = (path) => ({
  name: "shared index",
  setup: ({ onResolve }) => onResolve({ filter: /^(\.\.\/)+index\.js$/ }, () => ({ path, external: true })),
});

/** Globals that edge platforms lack; their tools warn of some. */
const ABSENT = ["setImmediate", "MessageChannel", "process", "Worker", "Blob", "URL", "SharedArrayBuffer", "document"];
const edge = { define: Object.fromEntries(ABSENT.map((name) => [`globalThis.${name}`, "undefined"])) };

/** Leaves the inlined builds out, except for the stamp that setModules checks. */
const withoutBuilds = {
  name: "without builds",
  setup: ({ onLoad }) =>
    onLoad({ filter: /[/\\]builds\.ts$/ }, ({ path }) => ({
      loader: "ts",
      contents: readFileSync(path, "utf8").replaceAll(/"[^\n]*"(?=[;,]\n)/g, (text, at, all) =>
        all.slice(0, at).endsWith("STAMP = ") ? text : '""',
      ),
    })),
};

/** The command line imports the library, and the entries that few of its commands need, as the files beside it. */
const sharedEntries = {
  name: "shared entries",
  setup: ({ onResolve }) =>
    onResolve({ filter: /^(\.\.\/)+entries\/(onnx|tfjs|module)\.js$/ }, ({ path }) => ({
      path: `./${path.split("/").at(-1)}`,
      external: true,
    })),
};

/** Runs a tool from node_modules; its output is shown only when it fails. */
async function run(tool, ...args) {
  try {
    await promisify(execFile)(process.execPath, [`node_modules/${tool}`, ...args]);
  } catch ({ stdout, stderr }) {
    process.stderr.write(`${tool} failed\n${stdout}${stderr}`);
    process.exit(1);
  }
}

/**
 * Modules that come first. The templates: inside the code they would separate repetitions by more than gzip's window. The plain
 * engine and the options next: of all pairs this order saves most, 200 bytes of gzip.
 */
const FIRST = ["src/engine/wasm/builds.ts", "src/engine/js/engine.ts", "src/options/network.ts"];

/** Options of swc's compressor. What is switched off would shorten the code but not its gzip. */
const COMPRESS = {
  passes: 3,
  ecma: 2020,
  keep_classnames: true,
  inline: 1,
  reduce_funcs: false,
  evaluate: false,
  conditionals: false,
};

/**
 * Bundles with esbuild; returns files with their paths and text. Vite's minifier then shortens names, which compresses better than
 * esbuild's minifier. Classes keep their names: users see them in errors and in consoles.
 * @param whole whether this is the whole library: swc's compressor then runs in between, which gains nothing on small files
 * @param maps whether to write source maps
 */
async function bundle({ whole = false, maps = false, ...options }) {
  const { outputFiles } = await build({
    outdir: "dist",
    bundle: true,
    minifySyntax: !whole,
    charset: "utf8",
    target: "es2022",
    write: false,
    ...options,
    sourcemap: maps && "external",
    sourcesContent: true,
    ...(whole && { inject: FIRST }),
  });
  const read = new Map(outputFiles.map(({ path, text }) => [path, text]));
  return outputFiles
    .filter(({ path }) => !path.endsWith(".map"))
    .flatMap(({ path, text }) => {
      const module = options.format === "esm";
      // A classic script's declaration is what it is for.
      const toplevel = options.format !== "iife";
      const named = withClassNames(text);
      const compressed = !whole
        ? { code: named }
        : compress(named, {
            module,
            compress: { ...COMPRESS, toplevel },
            mangle: { toplevel, keep_classnames: true },
            format: { ecma: 2020 },
            sourceMap: maps && { content: read.get(`${path}.map`) },
          });
      const { code, map, errors } = minifySync(path, compressed.code, {
        module,
        mangle: { keepNames: { class: true, function: false }, toplevel },
        ...(maps && { sourcemap: true, inputMap: JSON.parse(compressed.map) }),
      });
      if (errors.length) throw new Error(errors.map(({ message }) => message).join("\n"));
      if (!map) return [{ path, text: code }];
      return [
        { path, text: `${code}\n//# sourceMappingURL=${basename(path)}.map\n` },
        { path: `${path}.map`, text: JSON.stringify(published(map)) },
      ];
    });
}

/** A source map without the sources of generated files and without this machine's folders. */
function published({ version, names, sources, sourcesContent, mappings }) {
  const inRepository = sources.map((source) => source.replace(/^.*?((src|assembly)\/)/, "../$1"));
  const isGenerated = (source) => /(builds|source)\.ts$/.test(source);
  return {
    version,
    names,
    sources: inRepository,
    sourcesContent: sourcesContent.map((text, i) => (isGenerated(sources[i]) ? null : text)),
    mappings,
  };
}

/** Undoes esbuild's renaming: a class that refers to itself becomes `_NN`, although nothing else in its scope is called `NN`. */
function withClassNames(text) {
  const names = Array.from(text.matchAll(/\b(\w+) = class _\1\b/g), ([, name]) => name);
  return names.reduce((renamed, name) => renamed.replaceAll(new RegExp(`\\b_${name}\\b`, "g"), name), text);
}

/** Returns the builds as they are published: for a memory that is not shared, with a section that says which one it is. */
async function buildKernels() {
  mkdirSync("build", { recursive: true });
  const precisions = ["f32", "f64"];
  for (const [path, text] of Object.entries(tileSources())) writeFileSync(path, text);
  await Promise.all(
    Object.keys(targets).map((name) => run("assemblyscript/bin/asc.js", `assembly/${name}.ts`, "--target", name)),
  );
  const [decoder, ...templates] = ["decode", ...precisions].map((name) => readFileSync(targets[name].outFile));
  templates.forEach(checkTemplate);
  decoder[memoryFlags(decoder)] = 1;
  const [flags, ...others] = templates.map(memoryFlags);
  if (others.some((other) => other !== flags)) throw new Error("the templates import their memories at different offsets");
  const stamp = createHash("sha256").update(Buffer.concat(templates)).digest("hex").slice(0, 8);
  writeFileSync(
    "src/engine/wasm/builds.ts",
    `// Generated by scripts/build.mjs from assembly/: the WebAssembly builds' templates as text, and the program that decodes them.
export const DECODER = "${decoder.toString("base64")}";
export const TEMPLATES = {
${templates.map((template, i) => `  ${precisions[i]}: ${literal(template)},\n`).join("")}};
/** The offset of a build's memory flags: 3 for shared memory, else 1. */
export const MEMORY_FLAGS = ${flags};
/** Identifies modules of these builds. */
export const STAMP = "${stamp}";
`,
  );
  const builds = templates.flatMap((template, i) => buildsOf(template, precisions[i]));
  for (const [name, bytes] of builds) writeFileSync(`build/${name}.wasm`, bytes);
  return builds.map(([name, bytes]) => {
    const file = Buffer.concat([bytes, emptySection(`${name} ${stamp}`)]);
    file[flags] = 1;
    return { path: `dist/wasm/${name}.wasm`, file };
  });
}

/** An empty custom section of a WebAssembly module; the name is shorter than 127 bytes. */
const emptySection = (name) => Buffer.from([0, name.length + 1, name.length, ...Buffer.from(name)]);

/** Builds the worker's program as a string inside the library, and as a file for pages that have to serve it. */
async function buildWorker() {
  const [{ text }] = await bundle({ entryPoints: ["src/threads/worker.ts"], format: "iife" });
  writeFileSync(
    "src/threads/source.ts",
    `// Generated by scripts/build.mjs from src/threads/worker.ts.\nexport const SOURCE = ${JSON.stringify(text)};\n`,
  );
  return text;
}

async function buildPackage() {
  rmSync("dist", { recursive: true, force: true });
  for (const folder of ["dist/wasm", "dist/edge"]) mkdirSync(folder, { recursive: true });
  writeExports(ENTRIES);
  const sourceOf = (name) => `src/entries/${name}.ts`;
  const entryPoints = ENTRIES.map(sourceOf);
  const external = ["node:*"];
  const cjs = { format: "cjs", outExtension: { ".js": ".cjs" } };
  const files = (
    await Promise.all([
      bundle({ entryPoints: ["src/index.ts"], format: "esm", whole: true, maps: true }),
      // The other entries import dist/index.js instead of bundling its code.
      bundle({ entryPoints, format: "esm", external, plugins: [sharedIndex("./index.js")] }),
      bundle({ entryPoints: ["src/index.ts"], ...cjs, whole: true }),
      bundle({ entryPoints, ...cjs, external, plugins: [sharedIndex("./index.cjs")] }),
      bundle({ entryPoints: { "wasmlp.global": "src/index.ts" }, format: "iife", globalName: "wasmlp", whole: true }),
      bundle({
        entryPoints: ["src/index.ts"],
        outdir: "dist/edge",
        format: "esm",
        ...edge,
        whole: true,
        plugins: [withoutBuilds],
      }),
      // By the package's name: workerd.js or edge-light.js, as the condition says.
      bundle({
        entryPoints: portable(ENTRIES).map(sourceOf),
        outdir: "dist/edge",
        format: "esm",
        ...edge,
        plugins: [sharedIndex("wasmlp")],
      }),
      bundle({
        entryPoints: { cli: "src/cli/main.ts" },
        format: "esm",
        platform: "node",
        external: ["bullmq", "ioredis"],
        plugins: [sharedIndex("./index.js"), sharedEntries],
        // Papa Parse asks for Node's streams by `require` where it is not told that it runs in a browser.
        define: { PAPA_BROWSER_CONTEXT: "true" },
      }),
    ])
  ).flat();
  for (const { path, text } of files) writeFileSync(path, text);
  const names = builds.map(({ path }) => basename(path));
  writeFileSync("dist/workerd.js", withModules(names));
  // Vercel's tools need `?module`, and compile with Node's own V8, which may lack relaxed SIMD.
  writeFileSync("dist/edge-light.js", withModules(names.filter((name) => name.includes("simd")).map((name) => `${name}?module`)));
  writeFileSync("dist/worker.js", worker);
  for (const { path, file } of builds) writeFileSync(path, file);
  await buildTypes();
}

/** The library for edge platforms, with the builds as modules that the platform compiles at deployment. */
function withModules(files) {
  const imports = files.map((file, i) => `import module${i} from "./wasm/${file}";\n`);
  const calls = files.map((file, i) => `setModules({ ${file.slice(0, 3)}: module${i} });\n`);
  return `${imports.join("")}import { setModules } from "./edge/index.js";\n${calls.join("")}export * from "./edge/index.js";\n`;
}

/**
 * Declares the types once for ES modules and CommonJS: both may import a CommonJS file, and a class declared twice would be two types. Each
 * entry has a file for either, which re-exports them.
 */
async function buildTypes() {
  await run("typescript/bin/tsc", "-p", "tsconfig.build.json");
  const entries = Object.fromEntries([["index", "index"], ...ENTRIES.map((name) => [name, `entries/${name}`])]);
  pruneTypes(
    "dist/types",
    Object.values(entries).map((path) => `src/${path}.d.ts`),
  );
  writeFileSync("dist/types/package.json", '{ "type": "commonjs" }\n');
  for (const [name, path] of Object.entries(entries)) {
    for (const extension of ["d.ts", "d.cts"])
      writeFileSync(`dist/${name}.${extension}`, `export * from "./types/src/${path}.js";\n`);
  }
}

const [worker, builds] = await Promise.all([buildWorker(), buildKernels()]);
if (!process.argv.includes("--kernels")) await buildPackage();
