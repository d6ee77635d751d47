// `predict(x, out)` for few rows makes next to no garbage: an audio thread has no time to collect it.
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const PROGRAM = `
  import { NN } from ${JSON.stringify(new URL("../dist/index.js", import.meta.url).href)};
  const nn = new NN({ layers: [1, 8, 1], seed: 1, backend: "wasm" });
  const x = new Float32Array(128), out = new Float32Array(128);
  const calls = (count) => {
    for (let i = 0; i < count; i++) nn.predict(x, out);
  };
  calls(200_000); // until it is compiled as far as it will be
  gc();
  const before = process.memoryUsage().heapUsed;
  calls(20_000);
  console.log((process.memoryUsage().heapUsed - before) / 20_000);
`;

test("a call leaves less than 100 bytes: its list of arguments, but no views, rows or closures", () => {
  const flags = ["--expose-gc", "--max-semi-space-size=64", "--input-type=module"];
  const perCall = Number(
    execFileSync(process.execPath, flags, {
      input: PROGRAM,
      encoding: "utf8",
      cwd: fileURLToPath(new URL(".", import.meta.url)),
    }),
  );
  expect(perCall).toBeLessThan(100);
});
