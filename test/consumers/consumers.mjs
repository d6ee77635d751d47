// Every way in which the library is used: what has to be run, built or served for it, by each tool's defaults.
import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { installedRuntime } from "../../scripts/find-runtimes.mjs";
import { importFrom, installTools, makeProject, run, runTool, serve, start, startTool, useExample } from "./projects.mjs";

/**
 * @typedef {object} Program what runs outside browsers
 * @property {string} name how the library is used
 * @property {string} runtime where it runs
 * @property {string} note the command that makes it so
 * @property {(folder: string) => Promise<string>} run the report, in a fresh project
 *
 * @typedef {object} Page
 * @property {string} name how the library is used
 * @property {string} note the command, header or markup that makes it so
 * @property {string} html the page
 * @property {number} [reports] how many reports it prints; one if this does not say
 * @property {string} [without] the browser that it is not tried in
 * @property {boolean} [forbidden] whether WebAssembly is forbidden
 * @property {(folder: string) => Promise<string>} open its address, from a fresh project with index.html in it
 */

/** Node's permission model was experimental before 23.5. */
const permissionFlag = () => [
  process.allowedNodeEnvironmentFlags.has("--permission") ? "--permission" : "--experimental-permission",
];

const page = (scripts) => `<!doctype html><html lang="en"><meta charset="utf-8"><title>A consumer</title>${scripts}\n`;
const module = (path) => `<script type="module" src="${path}"></script>`;
const script = (path) => `<script defer src="${path}"></script>`;

/** A bundle for workerd, with its WebAssembly as modules, and a server that runs it: what Wrangler would do. */
const workerd = async (folder, script) => {
  useExample("workerd", folder);
  await runTool(
    folder,
    "esbuild/bin/esbuild",
    script,
    "--bundle",
    "--format=esm",
    "--conditions=workerd",
    "--loader:.wasm=copy",
    "--asset-names=[name]",
    "--outfile=dist/worker.js",
  );
  const address = await start(
    folder,
    ...installedRuntime("workerd"),
    "config.capnp",
    "--control-fd=1",
    "--socket-addr=http=127.0.0.1:0",
  );
  return (await fetch(address)).text();
};

/** Jest as it comes, in a project without `"type": "module"`. */
const jest =
  (version, ...environment) =>
  async (folder) => {
    await runTool(folder, "esbuild/bin/esbuild", "src/use.js", "--bundle", "--format=cjs", "--outfile=dist/use.js");
    writeFileSync(join(folder, "package.json"), '{ "name": "consumer", "version": "1.0.0", "private": true }\n');
    await runTool(folder, `jest-${version}/bin/jest.js`, ...environment);
    return readFileSync(join(folder, "report.json"), "utf8");
  };

/** Next's server with the example in it, built once. */
let next;
const startNext = (folder) => {
  next ??= (async () => {
    useExample("next", folder);
    installTools(folder);
    const tool = "node_modules/next/dist/bin/next";
    await run(folder, process.execPath, tool, "build");
    return start(folder, process.execPath, tool, "start", "--port", "0");
  })();
  return next;
};
const route = (path) => async (folder) => (await fetch(`${await startNext(folder)}${path}`)).text();

/** @type {Program[]} */
export const PROGRAMS = [
  {
    name: "Node, `import`",
    runtime: "Node",
    note: "20.19 or later",
    run: (folder) => run(folder, process.execPath, "src/index.js"),
  },
  {
    name: "Node, `require`",
    runtime: "Node",
    note: "20.19 or later",
    run: (folder) => run(folder, process.execPath, "src/required.cjs"),
  },
  {
    name: "Bun",
    runtime: "Bun",
    note: "`bun src/index.js`",
    run: (folder) => run(folder, ...installedRuntime("Bun"), "src/index.js"),
  },
  {
    name: "Deno",
    runtime: "Deno",
    note: "`deno run src/index.js`, without any permission",
    run: (folder) => run(folder, ...installedRuntime("Deno"), "src/index.js"),
  },
  {
    name: "Node, no permission",
    runtime: "Node",
    note: "`node --permission --allow-fs-read=*`: no workers, no files to write",
    run: (folder) => run(folder, process.execPath, ...permissionFlag(), "--allow-fs-read=*", "src/index.js"),
  },
  ...[29, 30].flatMap((version) => [
    { name: `Jest ${version}`, runtime: "Node", note: "CommonJS, without configuration", run: jest(version) },
    {
      name: `Jest ${version}, jsdom`,
      runtime: "Node",
      note: "CommonJS, `--env=jsdom`",
      run: jest(version, `--env=${join(import.meta.dirname, `node_modules/jest-environment-jsdom-${version}`)}`),
    },
  ]),
  {
    name: "Cloudflare Workers",
    runtime: "workerd",
    note: "the condition `workerd`, which Wrangler sets",
    run: (folder) => workerd(folder, "src/workerd.js"),
  },
  {
    name: "Next.js, a route on Node",
    runtime: "Node",
    note: "`next build`, `next start`; `examples/next`",
    run: route("/api/predict"),
  },
  {
    name: "Next.js, a route on the edge runtime",
    runtime: "edge-light",
    note: '`export const runtime = "edge"`; the condition `edge-light`',
    run: route("/api/edge"),
  },
  {
    name: "The example for Workers",
    runtime: "workerd",
    note: "`examples/workerd`",
    run: (folder) => workerd(folder, "worker.js"),
  },
  {
    name: "The example for Node",
    runtime: "Node",
    note: "`examples/node`",
    run: (folder) => run(useExample("node", folder), process.execPath, "index.js"),
  },
];

/** Without a bundler: the page's files import the library's, installed beside them. */
const plain = (headers) => (folder) => {
  importFrom(folder, "/node_modules/wasmlp");
  return serve(folder, headers);
};

const fromElsewhere = async (folder) => {
  const elsewhere = await serve(makeProject("elsewhere"), { "Access-Control-Allow-Origin": "*" });
  importFrom(folder, `${elsewhere}/node_modules/wasmlp`);
  return serve(folder);
};

const PAGE_AND_WORKER = { html: page(module("/src/index.js") + module("/src/with-worker.js")), reports: 2 };

const vite = (version) => [
  {
    name: `Vite ${version}, dev server`,
    note: "`vite`; the page and its module worker",
    ...PAGE_AND_WORKER,
    open: (folder) => startTool(folder, `vite-${version}/bin/vite.js`, "--host", "127.0.0.1"),
  },
  {
    name: `Vite ${version}, built`,
    note: "`vite build`; the page and its module worker",
    ...PAGE_AND_WORKER,
    open: async (folder) => {
      await runTool(folder, `vite-${version}/bin/vite.js`, "build");
      return serve(join(folder, "dist"));
    },
  },
];

const viteBuilt = async (folder) => {
  await runTool(folder, "vite-8/bin/vite.js", "build");
  return serve(join(folder, "dist"));
};

const webpack = (entries, headers) => async (folder) => {
  await runTool(folder, "webpack-cli/bin/cli.js", "--mode", "production", "--entry", ...entries);
  return serve(folder, headers);
};

/** WebAssembly, but no worker from a blob. */
const POLICY = { "Content-Security-Policy": "script-src 'self' 'wasm-unsafe-eval'" };

/** @type {Page[]} */
export const PAGES = [
  { name: "A page", note: '`<script type="module">`, no bundler', html: page(module("src/index.js")), open: plain() },
  {
    name: "A page, the library from another origin",
    note: "`Access-Control-Allow-Origin: *` there",
    html: page(module("src/index.js")),
    open: fromElsewhere,
  },
  {
    name: "A page under a policy",
    note: "`Content-Security-Policy: script-src 'self' 'wasm-unsafe-eval'`",
    html: page(module("src/index.js")),
    open: plain(POLICY),
  },
  {
    name: "A page under a policy, `workerUrl`",
    note: "the same policy; `fitAsync` is told where the page serves `wasmlp/worker.js`",
    html: page(module("src/served-worker.js")),
    open: plain(POLICY),
  },
  {
    name: "A page under a policy for blobs",
    note: "`Content-Security-Policy: script-src 'self' 'wasm-unsafe-eval'; worker-src blob:`",
    html: page(module("src/index.js")),
    open: plain({ "Content-Security-Policy": "script-src 'self' 'wasm-unsafe-eval'; worker-src blob:" }),
  },
  {
    name: "A page whose policy forbids WebAssembly",
    note: "`Content-Security-Policy: script-src 'self'`",
    forbidden: true,
    html: page(module("src/index.js")),
    open: plain({ "Content-Security-Policy": "script-src 'self'" }),
  },
  {
    name: "A page that is isolated",
    note: "`Cross-Origin-Opener-Policy: same-origin`, `Cross-Origin-Embedder-Policy: require-corp`",
    html: page(module("src/index.js")),
    open: plain({ "Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Embedder-Policy": "require-corp" }),
  },
  {
    name: "A worker",
    note: '`new Worker(url, { type: "module" })`, no bundler',
    html: page(module("src/with-worker.js")),
    open: plain(),
  },
  {
    name: "A service worker",
    without: "WebKit",
    note: '`register(url, { type: "module" })`, no bundler',
    html: page(module("src/with-service-worker.js")),
    open: async (folder) => `${await plain()(folder)}/?module`,
  },
  {
    name: "A service worker, bundled",
    without: "WebKit",
    note: "`esbuild --bundle`",
    html: page(module("src/with-service-worker.js")),
    open: async (folder) => {
      await runTool(
        folder,
        "esbuild/bin/esbuild",
        "src/service-worker.js",
        "--bundle",
        "--outfile=service-worker.js",
        "--allow-overwrite",
      );
      return `${await serve(folder)}/?classic`;
    },
  },
  ...vite(7),
  ...vite(8),
  {
    name: "Vite 8 under the policy, `workerUrl`",
    note: '`import workerUrl from "wasmlp/worker.js?url&no-inline"`',
    html: page(module("/src/vite-worker.js")),
    open: async (folder) => {
      await runTool(folder, "vite-8/bin/vite.js", "build");
      return serve(join(folder, "dist"), POLICY);
    },
  },
  {
    name: "webpack 5",
    note: "`webpack --mode production`; the page and its module worker",
    reports: 2,
    html: page(script("dist/main.js")),
    open: webpack(["./src/index.js", "./src/with-worker.js"]),
  },
  {
    name: "webpack 5, a page without a charset",
    note: "no `<meta charset>`: its scripts are read as windows-1252",
    reports: 2,
    html: `<!doctype html><title>A consumer</title>${script("dist/main.js")}`,
    open: webpack(["./src/index.js", "./src/with-worker.js"]),
  },
  {
    name: "webpack 5 under the policy, `workerUrl`",
    note: '`new URL("wasmlp/worker.js", import.meta.url)`',
    html: page(script("dist/main.js")),
    open: webpack(["./src/webpack-worker.js"], POLICY),
  },
  {
    name: "An AudioWorklet",
    note: '`addModule(url)`, bundled by Vite: `import url from "./processor.js?worker&url"`',
    html: page(module("/src/with-worklet.js")),
    open: viteBuilt,
  },
  {
    name: "The example for AudioWorklet",
    without: "WebKit",
    note: "`examples/worklet`",
    html: "",
    open: (folder) => viteBuilt(useExample("worklet", folder)),
  },
  {
    name: "The example for Vite",
    without: "WebKit",
    note: "`examples/vite`",
    html: "",
    open: (folder) => viteBuilt(useExample("vite", folder)),
  },
  { name: "Next.js, a page", without: "WebKit", note: '`"use client"`', html: "", open: startNext },
  {
    name: "A file: page",
    note: '`<script src="wasmlp.global.js">`, no server',
    html: page(script("wasmlp.global.js") + script("dist/main.js")),
    open: async (folder) => {
      cpSync(join(folder, "node_modules/wasmlp/dist/wasmlp.global.js"), join(folder, "wasmlp.global.js"));
      await runTool(folder, "esbuild/bin/esbuild", "src/classic.js", "--bundle", "--outfile=dist/main.js");
      return pathToFileURL(join(folder, "index.html")).href;
    },
  },
  {
    name: "esbuild",
    note: "`esbuild --bundle --minify`",
    html: page(script("dist/main.js")),
    open: async (folder) => {
      await runTool(folder, "esbuild/bin/esbuild", "src/index.js", "--bundle", "--minify", "--outfile=dist/main.js");
      return serve(folder);
    },
  },
  {
    name: "Rollup",
    note: "`rollup --plugin node-resolve`",
    html: page(module("dist/main.js")),
    open: async (folder) => {
      await runTool(folder, "rollup/dist/bin/rollup", "src/index.js", "--plugin", "node-resolve", "--file", "dist/main.js");
      return serve(folder);
    },
  },
];
