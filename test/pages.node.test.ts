// The programs in pages of the documentation, run as a reader would run them, against the built library.
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const at = (path: string): URL => new URL(`../${path}`, import.meta.url);

/** What each program of a page prints, in the page's order. */
const PRINTED = {
  "docs/moving.md": [/^3\n$/, /^3\n$/, /^true\n$/, /^\[ 'large' \] 0\.62\d+\n$/, /^60\n$/, /^\[ 0\.9\d+ \]\n$/],
  "docs/losses.md": [
    /^true\n$/,
    /^true\n$/,
    /^true\n$/,
    /^true\n$/,
    /^\[ 2, 0 \]\n$/,
    /^true\n$/,
    /^\[ 3, -1, 0 \]\n$/,
    /^true\n$/,
    /^true\n$/,
  ],
} as const;

describe.each(Object.entries(PRINTED))("%s", (path, printed) => {
  const page = readFileSync(at(path), "utf8");
  const programs = [...page.matchAll(/```js\n([^]*?)```/g)].map(([, code], i) => ({
    line: page.slice(0, page.indexOf(code!)).split("\n").length,
    code: code!,
    i,
  }));
  const folder = mkdtempSync(join(tmpdir(), "wasmlp-pages-"));
  beforeAll(() => {
    if (!existsSync(at("dist/tfjs.js"))) throw new Error("the programs use the built library: run `npm run build` first");
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it("has as many programs as this test knows", () => {
    expect(programs.map(({ code }) => code.includes('from "wasmlp'))).toEqual(printed.map(() => true));
  });

  it.each(programs)("the program in line $line runs", ({ code, i }) => {
    const built = (_: string, entry = "index"): string => `from ${JSON.stringify(at(`dist/${entry}.js`).href)}`;
    const local = code.replace(/from "wasmlp(?:\/(\w+))?"/g, built);
    writeFileSync(join(folder, `program${i}.mjs`), local);
    expect(execFileSync(process.execPath, [`program${i}.mjs`], { cwd: folder, encoding: "utf8" })).toMatch(printed[i]!);
  });
});
