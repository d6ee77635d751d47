// The TypeScript that toModule prints, by the compiler at its strictest.
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { toModule } from "../../src/entries/module.js";
import { ACTIVATIONS, networkWith } from "../onnx/support.js";
import { root, tool } from "../packed.js";

const folder = mkdtempSync(join(tmpdir(), "wasmlp-module-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const compile = (file: string): string =>
  spawnSync(
    process.execPath,
    [
      tool("typescript/bin/tsc"),
      "--noEmit",
      "--strict",
      "--noUncheckedIndexedAccess",
      "--exactOptionalPropertyTypes",
      "--isolatedDeclarations",
      "--declaration",
      "--target",
      "es2022",
      "--module",
      "esnext",
      "--moduleResolution",
      "bundler",
      "--ignoreConfig",
      file,
    ],
    { cwd: root, encoding: "utf8" },
  ).stdout;

test("every activation and scaler passes, and predict has its types", () => {
  const names = ACTIVATIONS.map((activation) => {
    const isSoftmax = activation === "softmax";
    const nn = networkWith(activation, "float64", { inputScaling: "standard", targetScaling: isSoftmax ? "none" : "minmax" });
    writeFileSync(join(folder, `${activation}.ts`), toModule(nn, { types: true }));
    return activation;
  });
  writeFileSync(
    join(folder, "use.ts"),
    names
      .map(
        (name) => `
    import { predict as ${name} } from "./${name}";
    export const ${name}Row: number[] = ${name}(Float32Array.of(1, 2, 3, 4));`,
      )
      .join(""),
  );
  expect(compile(join(folder, "use.ts"))).toBe("");
  writeFileSync(join(folder, "wrong.ts"), 'import { predict } from "./tanh";\nexport const text: string = predict("text");\n');
  expect(compile(join(folder, "wrong.ts"))).toMatch(/TS2322|TS2345/);
});
