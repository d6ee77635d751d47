// Searches over a queue in a real Redis, with worker processes that are killed, stopped and lied to.
import { cpSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { Queue, UnrecoverableError, Worker } from "bullmq";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { checkNetwork, JOB_VERSION, readJob } from "../../src/cli/queue/jobs.js";
import { getSamples, putSamples } from "../../src/cli/queue/samples.js";
import { planTrials } from "../../src/entries/selection.js";
import { ModelFormatError } from "../../src/index.js";
import { RedisServer } from "./redis.js";
import { Folder, IRIS, root, run, start, type Running } from "./support.js";

const SEARCH = [
  "search",
  "iris.csv",
  "--target",
  "species",
  "--trials",
  "6",
  "--folds",
  "2",
  "--epochs",
  "2",
  "--seed",
  "5",
  "--json",
  "--quiet",
];
/** Milliseconds without a sign of life after which a worker is taken for dead. */
const LOCK = ["--lock-ms", "300"];
let folder: Folder;
let redis: RedisServer;
let running: Running[] = [];
/** What one machine finds, without a queue. */
let expected: { best: unknown; trials: unknown[] };

function begin(args: string[], env: Record<string, string> = {}): Running {
  const process = start(args, { cwd: folder.path, env });
  running.push(process);
  return process;
}
const worker = (env?: Record<string, string>): Running =>
  begin(["work", "--redis", redis.url, "--concurrency", "1", ...LOCK], env);

/** A worker that stands still in the middle of its first trial until `release` is called. */
async function heldWorker(name: string): Promise<{ worker: Running; release: () => void }> {
  const path = folder.write(name, "");
  const held = worker({ WASMLP_WORK_HOLD: path });
  await held.until("waiting for trials");
  return { worker: held, release: () => rmSync(path) };
}

async function kill({ child, ended }: Running, signal: NodeJS.Signals = "SIGKILL"): Promise<void> {
  child.kill(signal);
  await ended;
}

beforeAll(async () => {
  folder = new Folder();
  folder.write("iris.csv", IRIS);
  mkdirSync(join(folder.path, "redis"));
  const [server, local] = await Promise.all([RedisServer.start(join(folder.path, "redis")), run(SEARCH, { cwd: folder.path })]);
  redis = server;
  expected = JSON.parse(local.stdout) as typeof expected;
});
afterEach(async () => {
  for (const each of running) await kill(each);
  running = [];
});
afterAll(async () => {
  await redis?.kill();
  folder.remove();
});

test("a search finds the same on workers that are killed and stopped, a Redis that crashes and a coordinator that is started again", async () => {
  const [killed, stopped] = await Promise.all([heldWorker("hold-killed"), heldWorker("hold-stopped")]);
  const first = begin([...SEARCH, "--redis", redis.url]);
  await Promise.all([killed.worker.until(": started"), stopped.worker.until(": started")]);
  // One worker dies in the middle of its trial; another stands still, so that its lock expires.
  await kill(killed.worker);
  stopped.worker.child.kill("SIGSTOP");
  await kill(first);
  // Redis loses what it has in memory, and comes back with its append-only file.
  await redis.kill();
  await redis.start();
  const whole = worker();
  await whole.until("waiting for trials");
  const second = begin([...SEARCH, "--redis", redis.url]);
  // The trials that were not held are done; now the stopped worker wakes up and gives in the result of a trial that is another's.
  await whole.until(/(?:score[^]*){4}/);
  stopped.release();
  stopped.worker.child.kill("SIGCONT");
  const { stdout, code } = await second.ended;
  expect(code).toBe(0);
  const found = JSON.parse(stdout) as typeof expected & { repeated: number };
  // To the last digit, and in the same order.
  expect(JSON.stringify([found.best, found.trials])).toBe(JSON.stringify([expected.best, expected.trials]));
  expect(found.trials).toHaveLength(6);
  // Both trials that were held were begun again.
  expect(found.repeated).toBeGreaterThanOrEqual(2);
  // Nothing of the search is left behind.
  const client = redis.client();
  const keys = await client.keys("*");
  client.disconnect();
  expect(keys.filter((key) => key.startsWith("wasmlp:") || /:[0-9a-f]{32}-/.test(key))).toEqual([]);
  // A worker that is told to end finishes and goes.
  whole.child.kill("SIGTERM");
  expect((await whole.ended).code).toBe(0);
});

test("a coordinator that is started again counts finished trials once, and successive halving goes on over its rounds", async () => {
  const halving = [...SEARCH, "--strategy", "halving", "--trials", "9", "--epochs", "9"];
  const hold = await heldWorker("hold-halving");
  const [local, first] = [run(halving, { cwd: folder.path }), begin([...halving, "--redis", redis.url])];
  await hold.worker.until(": started");
  await kill(first);
  hold.release();
  // All trials of the first round end while no coordinator is there.
  await hold.worker.until(/(?:score[^]*){9}/);
  const { stdout } = await begin([...halving, "--redis", redis.url]).ended;
  const { best, trials } = JSON.parse((await local).stdout) as typeof expected;
  const found = JSON.parse(stdout) as typeof expected;
  expect(found.best).toEqual(best);
  expect(found.trials).toEqual(trials);
  expect(found.trials).toHaveLength(9 + 3 + 1);
});

test("workers refuse jobs that are no trials, and go on", async () => {
  const queue = new Queue("wasmlp", { connection: { url: redis.url, maxRetriesPerRequest: null } });
  const process = worker();
  await process.until("waiting for trials");
  const [trial] = planTrials({ layers: [4, 8, 3], loss: "categoricalCrossentropy", epochs: 1 }, { trials: 1, seed: 1 });
  const search = "0".repeat(32);
  await queue.add("trial", { version: JOB_VERSION, search, trial, run: "process.exit()" });
  await process.until('warning: the job has an unknown entry "run"');
  await queue.add("trial", { version: JOB_VERSION, search, trial });
  await process.until(`warning: search ${search} has no data in Redis`);
  await queue.close();
  const { code } = await begin([...SEARCH, "--redis", redis.url]).ended;
  expect(code).toBe(0);
});

test("the coordinator names a trial that fails, and tries it again when it is started again", async () => {
  const broken = new Worker("wasmlp", () => Promise.reject(new UnrecoverableError("the disk is full")), {
    connection: { url: redis.url, maxRetriesPerRequest: null },
  });
  const failed = await begin([...SEARCH, "--redis", redis.url]).ended;
  await broken.close();
  expect(failed).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/^error: trial \d failed: the disk is full\n$/) as unknown,
  });
  worker();
  const { stdout, code } = await begin([...SEARCH, "--redis", redis.url]).ended;
  expect(code).toBe(0);
  expect((JSON.parse(stdout) as typeof expected).best).toEqual(expected.best);
});

test("jobs are checked like a file from a stranger", () => {
  const [trial] = planTrials({ layers: [4, 8, 3], loss: "categoricalCrossentropy", epochs: 1 }, { trials: 1, seed: 1 });
  const job = { version: JOB_VERSION, search: "a".repeat(32), trial };
  expect(readJob(JSON.parse(JSON.stringify(job)))).toEqual(job);
  for (const wrong of [
    null,
    "job",
    {},
    { ...job, version: 2 },
    { ...job, search: "../../etc" },
    { ...job, code: "x" },
    { ...job, trial: { ...trial, options: { ...trial!.options, onEpochEnd: "x" } } },
    { ...job, trial: { ...trial, trial: -1 } },
    { ...job, trial: { ...trial, options: { ...trial!.options, layers: "x".repeat(2 ** 20) } } },
  ])
    expect(() => readJob(wrong), JSON.stringify(wrong)?.slice(0, 100)).toThrow(ModelFormatError);
  expect(() => checkNetwork(trial!, 5, 1)).toThrow("trial.options.layers begins with 4; the rows have 5 numbers");
  const huge = { ...trial!, options: { ...trial!.options, layers: [4, 1e9, 3] } };
  expect(() => checkNetwork(huge, 4, 1)).toThrow(/makes \d+ parameters; at most/);
});

test("rows in Redis that are missing, altered or of another version are refused", async () => {
  const client = redis.client();
  const samples = {
    x: new Float32Array(600_000).map((_, i) => i),
    y: new Float32Array(200_000),
    rows: 200_000,
    inputs: 3,
    targets: 1,
    dtype: "float32" as const,
  };
  await putSamples(client, "s", samples);
  // Pieces of 1 MiB.
  expect(await client.keys("wasmlp:data:s:*")).toHaveLength(4);
  const { x, y, ...sizes } = await getSamples(client, "s");
  expect(sizes).toEqual({ rows: 200_000, inputs: 3, targets: 1, dtype: "float32" });
  for (const [found, stored] of [
    [x, samples.x],
    [y, samples.y],
  ] as const)
    expect(Buffer.compare(Buffer.from(found.slice().buffer), Buffer.from(stored.buffer))).toBe(0);
  const description = JSON.parse((await client.get("wasmlp:data:s"))!) as Record<string, unknown>;
  for (const [change, message] of [
    [{ rows: 1 }, "contradicts itself"],
    [{ version: 9 }, "another version"],
    [{ bytes: 2 ** 40 }, "contradicts itself"],
    [{ digest: "0" }, "altered"],
  ] as const) {
    await client.set("wasmlp:data:s", JSON.stringify({ ...description, ...change }));
    await expect(getSamples(client, "s")).rejects.toThrow(message);
  }
  await client.set("wasmlp:data:s", JSON.stringify(description));
  await client.setrange("wasmlp:data:s:2", 10, "x");
  await expect(getSamples(client, "s")).rejects.toThrow("its SHA-256 is not the one that was stored");
  await client.del("wasmlp:data:s:2");
  await expect(getSamples(client, "s")).rejects.toThrow("piece 2 of the data of search s is missing");
  await expect(getSamples(client, "none")).rejects.toThrow("has no data in Redis");
  client.disconnect();
});

test("a queue without its packages, or without Redis, is explained", async () => {
  // The built files alone, as npm installs them, with no other package in reach.
  cpSync(join(root, "dist"), join(folder.path, "alone/dist"), { recursive: true });
  cpSync(join(root, "package.json"), join(folder.path, "alone/package.json"));
  const alone = start(["work", "--redis", redis.url], { cwd: folder.path, cli: join(folder.path, "alone/dist/cli.js") });
  const [missing, silent, wrong] = await Promise.all([
    alone.ended,
    run(["work", "--redis", "redis://user:secret@127.0.0.1:1"]),
    run(["work"]),
  ]);
  expect(missing).toMatchObject({
    code: 1,
    stderr:
      "error: a queue needs the packages bullmq and ioredis, which wasmlp does not bring: npm install bullmq ioredis, or npx -p wasmlp -p bullmq -p ioredis wasmlp …\n",
  });
  expect(silent.code).toBe(1);
  expect(silent.stderr).toMatch(
    /^error: nothing can be reached at redis:\/\/…@127\.0\.0\.1:1 \(.+\); is Redis running there\?\n$/,
  );
  expect(wrong).toMatchObject({ code: 2, stderr: expect.stringContaining("--redis is missing") as unknown });
});
