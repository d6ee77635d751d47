// Small files that claim much are refused within a small heap: nothing grows with what a file claims, only with the file.
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { expect, test } from "vitest";
import { tries } from "../sampling.js";

/** All sizes are a share of this heap. */
const HEAP_MB = tries(128, 64);

test("files and values of up to a sixth of the heap are refused, or loaded, within it", async () => {
  const folder = mkdtempSync(join(tmpdir(), "wasmlp-"));
  try {
    const script = join(folder, "small-heap.mjs");
    await build({
      entryPoints: [fileURLToPath(new URL("small-heap.ts", import.meta.url))],
      outfile: script,
      bundle: true,
      format: "esm",
      platform: "node",
    });
    const { stdout, stderr, status } = spawnSync(process.execPath, [`--max-old-space-size=${HEAP_MB}`, script, String(HEAP_MB)], {
      encoding: "utf8",
    });
    expect(stderr).toBe("");
    const lines = stdout.trim().split("\n");
    expect(lines[0]).toBe("a good file: loaded");
    expect(lines.slice(1).filter((line) => !line.endsWith(": refused"))).toEqual([]);
    expect(lines).toHaveLength(19);
    expect(status).toBe(0);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
