// Many consecutive runs: memory of earlier runs does not block later ones. The address space holds some hundred memories.
import { afterEach, expect, test } from "vitest";
import { NN } from "../../src/index.js";
import { confineTo, PLACES } from "./support.js";

let restore = (): void => undefined;
afterEach(() => restore());

test.each(PLACES)("hundreds of consecutive runs do not exhaust the address space for memories: %s", async (place) => {
  restore = confineTo(place);
  const nn = new NN({ layers: [3, 4, 1], epochs: 1, seed: 1 });
  const x = new Float32Array(30),
    y = new Float32Array(10);
  for (let run = 0; run < 400; run++) await nn.fitAsync(x, y);
  expect(nn.getWeights()).toHaveLength(2);
  expect(nn.threads).toBe(1);
});
