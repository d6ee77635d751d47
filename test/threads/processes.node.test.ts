// Whole processes that train: they exit by themselves, also during training, and work with restricted permissions. On the built library.
import { execFile } from "node:child_process";
import { describe, expect, test } from "vitest";

interface Outcome {
  readonly code: number;
  /** What it printed as its only line, and what it complained of. */
  readonly said: unknown;
  readonly complaints: string;
}

const library = new URL("../../dist/index.js", import.meta.url).href;
/** A network whose steps are worth four threads, and its rows. */
const START = `
  const { NN } = await import(${JSON.stringify(library)});
  const make = () => new NN({ layers: [90, 200, 12], loss: "meanSquaredError", seed: 7, batchSize: 128 });
  const x = Float32Array.from({ length: 90 * 700 }, (_, i) => Math.sin(i)), y = Float32Array.from({ length: 12 * 700 }, (_, i) => Math.cos(i));
  const say = (value) => console.log(JSON.stringify(value));
  /** How a training with three threads compares with one that has none. */
  const train = async (options) => {
    const [here, away] = [make(), make()];
    const { loss } = await away.fitAsync(x, y, { epochs: 3, ...options });
    const same = JSON.stringify([loss, away]) === JSON.stringify([here.fit(x, y, { epochs: 3 }).loss, here]);
    return { threads: away.threads, same };
  };
`;

/**
 * Put before a program: `at(moment, call)` makes a call when the first worker is started, when it has joined, upon its first result
 * — before the library hears of it — or in a task of the event loop after one of these.
 */
const MOMENTS = `
  const calls = [];
  globalThis.at = (moment, call) => calls.push([moment, call]);
  const reach = (moment) => {
    for (const [due, call] of calls.splice(0)) {
      if (due === moment) call();
      else if (due === "after " + moment) setImmediate(() => setImmediate(call));
      else calls.push([due, call]);
    }
  };
  const threads = process.getBuiltinModule("node:worker_threads");
  threads.Worker = class extends threads.Worker {
    constructor(...args) {
      super(...args);
      this.on("message", ({ kind }) => reach(kind));
      reach("start");
    }
  };
`;

function run(code: string, flags: string[] = [], before = ""): Promise<Outcome> {
  return new Promise((resolve) => {
    const args = [...flags, "--input-type=module", "-e", before + START + code];
    execFile(process.execPath, args, { timeout: 500_000, env: { ...process.env, NODE_OPTIONS: "" } }, (error, stdout, stderr) => {
      const status = error ? error.code : 0;
      resolve({ code: typeof status === "number" ? status : -1, said: stdout && JSON.parse(stdout), complaints: stderr });
    });
  });
}

describe("a process", () => {
  test("exits by itself when its training has ended", async () => {
    // Workers that wait for a next run must not be waited for: here they are never ended.
    const forever = "const set = setTimeout; globalThis.setTimeout = (call, ms) => set(call, ms > 1000 ? 1e9 : ms);";
    const code = `
      const controller = new AbortController();
      at("after result", () => controller.abort());
      await make().fitAsync(x, y, { epochs: 1e6, signal: controller.signal }).catch(() => undefined);
      await train({ threads: 2 });
      await train({});
      make().fit(x, y, { epochs: 200, threads: 2 });
      await make().predictAsync(new Float32Array(90 * 5000), { threads: 2 });
      say("done");
    `;
    expect(await run(code, [], MOMENTS + forever)).toEqual({ code: 0, said: "done", complaints: "" });
  });

  test("stays alive while it trains, although nothing awaits the promise", async () => {
    const code = `
      for (const threads of [1, 2]) make().fitAsync(x, y, { epochs: 40, threads }).then(({ epochs }) => { if (threads === 2) say(epochs); });
    `;
    expect(await run(code)).toEqual({ code: 0, said: 40, complaints: "" });
  });

  const moments = ["start", "after start", "ready", "after ready", "result", "after result"];
  test.each(moments)("can be ended by process.exit during training, at a worker's %s", async (moment) => {
    const code = `
      for (const threads of [1, 2, 3]) make().fitAsync(x, y, { epochs: 1e6, threads });
    `;
    const before = `${MOMENTS} at("${moment}", () => { console.log('"bye"'); process.exit(7); });`;
    expect(await run(code, [], before)).toEqual({ code: 7, said: "bye", complaints: "" });
  });

  test("ends with an unhandled abort", async () => {
    const { code, complaints } = await run(
      `
      const controller = new AbortController();
      at("after result", () => controller.abort());
      make().fitAsync(x, y, { epochs: 1e6, threads: 2, signal: controller.signal });
    `,
      [],
      MOMENTS,
    );
    expect(code).toBe(1);
    expect(complaints).toContain("AbortError");
  });

  test("ends with its own exception while it trains", async () => {
    const code = `
      make().fitAsync(x, y, { epochs: 1e6, threads: 2 });
      at("after result", () => { throw new Error("mine"); });
    `;
    const { code: status, complaints } = await run(code, [], MOMENTS);
    expect(status).toBe(1);
    expect(complaints).toContain("Error: mine");
  });

  test("can train in its own worker", async () => {
    const code = `
      const { Worker } = await import("node:worker_threads");
      const worker = new Worker(${JSON.stringify(`(async () => { ${START.replaceAll("console.log", 'process.getBuiltinModule("node:worker_threads").parentPort.postMessage')}
        say(await train({ threads: 2 }));
      })()`)}, { eval: true });
      worker.on("message", (message) => console.log(message));
    `;
    expect(await run(code)).toEqual({ code: 0, said: { threads: 2, same: true }, complaints: "" });
  });
});

/** The one warning of a training that was to have so many threads. */
const warning = (why: string): RegExp => new RegExp(`^wasmlp: threads is 3, but this training has one: ${why}$`);
/** Node's messages, whose wording differs between versions. */
const RESTRICTED = "Access to this API has been restricted[^\\n]*";
/** All output except Node's warnings about experimental features. */
const ours = (complaints: string): string =>
  complaints
    .split(/(?<=\n)/)
    .filter((line) => line.startsWith("wasmlp"))
    .join("");

describe("a process that lacks", () => {
  const permission = process.allowedNodeEnvironmentFlags.has("--permission") ? "--permission" : "--experimental-permission";
  const unshared = "there is no SharedArrayBuffer here",
    alone = "there are no workers here";
  /** What is lacking, how it comes about, and why then `fitAsync` and `fit` have no threads. */
  const lacking: [string, string[], string, string, string][] = [
    ["leave to start workers", [permission, "--allow-fs-read=*"], "", RESTRICTED, RESTRICTED],
    // Node's own module of workers needs it where it is loaded.
    [
      "SharedArrayBuffer",
      [],
      'process.getBuiltinModule("node:worker_threads"); delete globalThis.SharedArrayBuffer;',
      unshared,
      unshared,
    ],
    ["workers", [], 'process.getBuiltinModule("node:worker_threads").Worker = undefined;', alone, alone],
    [
      "leave to share memory, and workers",
      [],
      'delete globalThis.SharedArrayBuffer; process.getBuiltinModule("node:worker_threads").Worker = undefined;',
      alone,
      unshared,
    ],
  ];
  test.each(lacking)(
    "%s trains anyway, warns once, and reports its real number of threads",
    async (_what, flags, before, why, whyHere) => {
      const code = `
      const said = [];
      console.warn = (text) => said.push(text);
      const asked = await train({ threads: 3 });
      const forAsked = said.splice(0);
      const auto = await train({});
      const forAuto = said.splice(0), nn = make();
      nn.fit(x, y, { epochs: 200, threads: 3, onEpochEnd: () => false });
      say({ asked, forAsked, auto, forAuto, here: nn.threads, forHere: said });
    `;
      const { code: status, said, complaints } = await run(code, flags, before);
      const alone = { threads: 1, same: true },
        once = (text: string): unknown => [expect.stringMatching(warning(text)) as unknown];
      expect(status).toBe(0);
      expect(said).toEqual({ asked: alone, forAsked: once(why), auto: alone, forAuto: [], here: 1, forHere: once(whyHere) });
      expect(ours(complaints)).toBe("");
    },
  );

  test("nothing uses as many threads as requested", async () => {
    const code =
      "const nn = make(), away = await train({ threads: 3 }); nn.fit(x, y, { epochs: 200, threads: 3, onEpochEnd: () => false }); say([away, nn.threads]);";
    expect(await run(code)).toEqual({ code: 0, said: [{ threads: 3, same: true }, 3], complaints: "" });
  });
});

test("two million rows are streamed through a small memory", async () => {
  // 2,000,000 rows of 40 inputs and a target are 328 MB of float32.
  const code = `
    const rows = 10_000;
    let state = 1;
    const uniform = () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32;
    function* chunks() {
      for (let chunk = 0; chunk < 200; chunk++) {
        const x = new Float32Array(rows * 40), y = new Float32Array(rows);
        for (let i = 0; i < x.length; i++) x[i] = uniform();
        for (let r = 0; r < rows; r++) y[r] = x[r * 40] + x[r * 40 + 1] / 2;
        yield [x, y];
      }
    }
    const nn = new NN({ layers: [40, { units: 8, activation: "relu" }, 1], loss: "meanSquaredError", seed: 1 });
    const { loss } = await nn.fitAsync(chunks, { batchSize: 256 });
    say({ loss: loss[0], mb: process.resourceUsage().maxRSS / 1024 });
  `;
  const { code: status, said } = await run(code);
  expect(status).toBe(0);
  const { loss, mb } = said as { loss: number; mb: number };
  expect(loss).toBeLessThan(0.01);
  expect(mb).toBeLessThan(240);
});
