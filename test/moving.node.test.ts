// The programs in docs/moving.md, run as a reader would run them, against the built library.
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const at = (path: string): URL => new URL(`../${path}`, import.meta.url);
const page = readFileSync(at("docs/moving.md"), "utf8");
const programs = [...page.matchAll(/```js\n([^]*?)```/g)]
  .map(([, code], i) => ({ line: page.slice(0, page.indexOf(code)).split("\n").length, code, i }));
/** The output of each program, in the page's order. */
const PRINTED = [/^3\n$/, /^3\n$/, /^true\n$/, /^\[ 'large' \] 0\.62\d+\n$/, /^60\n$/, /^\[ 0\.9\d+ \]\n$/];

describe("docs/moving.md", () => {
  const folder = mkdtempSync(join(tmpdir(), "wasmlp-moving-"));
  beforeAll(() => {
    if (!existsSync(at("dist/tfjs.js"))) throw new Error("the programs use the built library: run `npm run build` first");
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it("has as many programs as this test knows", () => {
    expect(programs.map(({ code }) => code.includes('from "wasmlp'))).toEqual(PRINTED.map(() => true));
  });

  it.each(programs)("the program in line $line runs", ({ code, i }) => {
    const built = (_: string, entry = "index"): string => `from ${JSON.stringify(at(`dist/${entry}.js`).href)}`;
    const local = code.replace(/from "wasmlp(?:\/(\w+))?"/g, built);
    writeFileSync(join(folder, `program${i}.mjs`), local);
    expect(execFileSync(process.execPath, [`program${i}.mjs`], { cwd: folder, encoding: "utf8" })).toMatch(PRINTED[i]);
  });
});
