// The program in docs/table.md and the example, run as a reader would run them, against the built library.
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";

const at = (path: string): URL => new URL(`../../${path}`, import.meta.url);
const folder = mkdtempSync(join(tmpdir(), "wasmlp-table-"));

beforeAll(() => {
  if (!existsSync(at("dist/table.js"))) throw new Error("the programs use the built library: run `npm run build` first");
});
afterAll(() => rmSync(folder, { recursive: true }));

test("the program of the page prints what it says", () => {
  const [, program] = /```js\n([^]*?)```/.exec(readFileSync(at("docs/table.md"), "utf8"))!;
  const path = join(folder, "program.mjs");
  writeFileSync(path, program!.replace('"wasmlp/table"', JSON.stringify(at("dist/table.js").href)));
  const printed = execFileSync(process.execPath, [path], { encoding: "utf8" });
  expect(printed).toMatch(
    /^\{ loss: 0\.[\d]+, accuracy: 0\.9\d* \}\n\[ 'busy' \]\n\[ \{ busy: 0\.0[\de-]+, quiet: 0\.9\d+ \} \]\n/,
  );
  const [, importance] = /\n(\{[^}]*weather[^}]*\})/.exec(printed)!;
  const by = Object.fromEntries([...importance!.matchAll(/(\w+): (-?[\d.]+)/g)].map(([, name, value]) => [name, Number(value)]));
  expect(Math.min(by["hour"], by["weather"])).toBeGreaterThan(0.1 + Math.max(by["member"], by["day"]));
  expect(printed).toMatch(/kind: 'number',\s+missing: 11,\s+mean: 11\.4/);
});

test("the example says how well each target of the rentals is predicted", () => {
  const printed = execFileSync(process.execPath, [fileURLToPath(at("examples/rentals.mjs"))], { encoding: "utf8" });
  expect(Number(/returned elsewhere or not: ([\d.]+) %/.exec(printed)![1])).toBeGreaterThan(70);
  expect(Number(/R² (0\.\d+)/.exec(printed)![1])).toBeGreaterThan(0.55);
  expect(printed).toContain("weather      category  cloud, rain, sun, unknown (missing: unknown)");
});
