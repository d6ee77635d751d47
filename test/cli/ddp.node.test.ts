// Data-parallel training by PyTorch, out by safetensors and back by NN.load. Full batches on two processes are what full batches in one are.
import { execFile, spawnSync } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { NN, type NetworkOptions } from "../../src/index.js";
import { freePort } from "./redis.js";
import { Folder, root } from "./support.js";

const PYTHON = "/usr/bin/python3";
/** Debian's python3-torch, where it is installed; the example is no part of the library. */
const hasTorch = spawnSync(PYTHON, ["-c", "import torch.distributed as d; assert d.is_available()"]).status === 0;

describe.runIf(hasTorch)("examples/pytorch/ddp_train.py", () => {
  let folder: Folder;
  beforeAll(() => {
    folder = new Folder();
  });
  afterAll(() => folder?.remove());

  const values = Array.from({ length: 48 }, (_, i) => Math.sin(i * 12.9898) * 3);

  test.each([
    ["sgd", "categoricalCrossentropy", [3, { units: 5, activation: "tanh" }, 4]],
    ["adam", "meanSquaredError", [2, { units: 6, activation: "relu" }, 1]],
  ] as const)("trains by %s and %s as one process does", async (optimizer, loss, layers) => {
    const [inputs] = layers;
    const options: NetworkOptions = {
      layers: [...layers],
      loss,
      seed: 1,
      batchSize: Infinity,
      shuffle: false,
      dtype: "float64",
      epochs: 6,
      optimizer,
      learningRate: 0.05,
      inputScaling: "standard",
      ...(loss === "meanSquaredError" && { targetScaling: "standard" as const }),
    };
    const x = Array.from({ length: 16 }, (_, r) => values.slice(r * inputs, (r + 1) * inputs));
    const y = x.map((row, r) => (loss === "meanSquaredError" ? row[0]! * 2 - row[1]! : r % 4));
    const nn = new NN(options);
    // Fits the scalers; trains nothing.
    nn.fit(x, y, { epochs: 0 });
    const model = folder.write("model.safetensors", nn.save());
    folder.write("rows.csv", ["header", ...x.map((row, r) => [...row, y[r]].join(","))].join("\n"));
    const port = await freePort();
    const ranks = await Promise.all(
      ["0", "1"].map((rank) =>
        promisify(execFile)(
          PYTHON,
          [join(root, "examples/pytorch/ddp_train.py"), model, "rows.csv", "trained.safetensors", "6"],
          {
            cwd: folder.path,
            env: {
              ...process.env,
              RANK: rank,
              WORLD_SIZE: "2",
              MASTER_ADDR: "127.0.0.1",
              MASTER_PORT: String(port),
              OMP_NUM_THREADS: "1",
              GLOO_SOCKET_IFNAME: "lo",
            },
          },
        ),
      ),
    );
    expect(ranks[0]!.stderr).toContain("epoch 6/6 loss");
    const trained = NN.load(folder.read("trained.safetensors"));
    nn.fit(x, y);
    const [ours, theirs] = [nn, trained].map((each) => each.getWeights().flatMap(({ kernel, bias }) => [...kernel, ...bias!]));
    expect(theirs!.length).toBe(nn.parameterCount);
    for (const [i, weight] of theirs!.entries()) expect(weight).toBeCloseTo(ours![i]!, 9);
    expect(
      trained
        .predict(x)
        .flat()
        .map((value, i) => Math.abs(value - nn.predict(x).flat()[i]!)),
    ).toSatisfy((errors: number[]) => Math.max(...errors) < 1e-8);
  });
});
