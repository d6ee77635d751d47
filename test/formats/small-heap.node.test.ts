// Small files that claim much are refused within a heap of 128 MB: nothing grows with what a file claims, only with the file.
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { expect, test } from "vitest";

test("files and values of up to 20 MB are refused, or loaded, within a heap of 128 MB", async () => {
  const folder = mkdtempSync(join(tmpdir(), "wasmlp-"));
  try {
    const script = join(folder, "small-heap.mjs");
    await build({
      entryPoints: [fileURLToPath(new URL("small-heap.ts", import.meta.url))], outfile: script, bundle: true, format: "esm", platform: "node",
    });
    const { stdout, stderr, status } = spawnSync(process.execPath, ["--max-old-space-size=128", script], { encoding: "utf8" });
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
