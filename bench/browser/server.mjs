// Serves the files that a workload needs in a page: the benchmark's modules, the builds, rows and rooflines.
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { dirname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { loadData } from "../data.mjs";
import { wasmFile } from "../roofline.mjs";
import { findWorkload } from "../workloads.mjs";

const BENCH = fileURLToPath(new URL("..", import.meta.url));
/** Cross-origin isolation: a clock with a resolution of 5 µs, and memory shared between threads. */
const HEADERS = { "Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Embedder-Policy": "require-corp" };
const PAGE = "<!doctype html><meta charset=utf-8><title>wasmlp benchmark</title><link rel=icon href=data:,>";

/** @typedef {{ type: string, body: string | Uint8Array, headers?: Record<string, string> }} Answer */

/**
 * @param {Record<string, string>} builds name → index.js; a page imports `/builds/<name>/index.js`
 * @returns {Promise<{ url: string, close(): void }>}
 */
export async function serve(builds) {
  const server = createServer((request, response) => {
    try {
      const { type, body, headers } = answer(decodeURIComponent(new URL(request.url ?? "/", "http://host").pathname), builds);
      response.writeHead(200, { ...HEADERS, ...headers, "Content-Type": type }).end(body);
    } catch (error) {
      response.writeHead(404, HEADERS).end(String(error));
    }
  });
  await new Promise((done) => server.listen(0, "127.0.0.1", () => done(undefined)));
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  return { url: `http://127.0.0.1:${port}/`, close: () => void server.close() };
}

/** @param {string} path @param {Record<string, string>} builds @returns {Answer} */
function answer(path, builds) {
  const [kind, ...rest] = path.slice(1).split("/");
  switch (kind) {
    case "":
      return { type: "text/html", body: PAGE };
    case "bench":
      return { type: "text/javascript", body: readFileSync(inside(BENCH, rest.join("/"))) };
    case "builds":
      return { type: "text/javascript", body: readFileSync(inside(dirname(builds[rest[0]]), rest.slice(1).join("/"))) };
    case "roofline":
      return { type: "application/wasm", body: readFileSync(wasmFile(rest[0])) };
    case "data":
      return rows(rest[0], /** @type {import("../data.mjs").Dtype} */ (rest[1]), /** @type {"x" | "y"} */ (rest[2]));
    default:
      throw new Error(`nothing is at ${path}`);
  }
}

/** @param {string} workload @param {import("../data.mjs").Dtype} dtype @param {"x" | "y"} half @returns {Answer} */
function rows(workload, dtype, half) {
  const data = loadData(findWorkload(workload).data, dtype);
  const { buffer, byteOffset, byteLength, constructor } = data[half];
  return {
    type: "application/octet-stream",
    body: new Uint8Array(buffer, byteOffset, byteLength),
    headers: { "x-type": constructor.name, "x-source": data.source },
  };
}

/** A path that does not leave its folder. @param {string} folder @param {string} path */
function inside(folder, path) {
  const file = normalize(join(folder, path));
  if (!file.startsWith(normalize(folder))) throw new Error(`${path} is outside of what is served`);
  return file;
}
