// The built library in Node, and in Bun and Deno where they are installed: each trains, predicts, does both on threads, aborts, and
// its process ends by itself. `npm run consumers` does the same everywhere, with the packed library.
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, expect, test } from "vitest";
import { findRuntime, RUNTIME_NAMES } from "../../scripts/find-runtimes.mjs";
import expected from "../consumers/digest.json" with { type: "json" };

const program = fileURLToPath(new URL("program.js", import.meta.url));
const cache = mkdtempSync(join(tmpdir(), "wasmlp-runtimes-"));
afterAll(() => rmSync(cache, { recursive: true, force: true }));
const env = { ...process.env, NODE_OPTIONS: "", NO_COLOR: "1", DO_NOT_TRACK: "1", DENO_DIR: cache, DENO_NO_UPDATE_CHECK: "1" };

const found = RUNTIME_NAMES.map((name) => [name, findRuntime(name) ?? []] as const).filter(([, command]) => command.length);

test.each([["Node", [process.execPath]] as const, ...found])(
  "%s passes the program's checks, and its process exits by itself",
  async (_name, [file, ...args]) => {
    const { stdout, stderr } = await promisify(execFile)(file, [...args, program], { env, timeout: 100_000 });
    expect(JSON.parse(stdout)).toEqual({
      backend: expect.stringMatching(/^wasm-/) as string,
      workers: 2,
      digest: expected.digest,
    });
    expect(stderr).toBe("");
  },
);
