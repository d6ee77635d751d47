// Processes that alternate: each is started for one library and one task, introduces itself, and works on request, one slice at a
// time.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { loadData } from "../data.mjs";
import { WORKLOADS } from "../workloads.mjs";

/** @typedef {import("./tasks.mjs").Task} Task */
/**
 * How to start a process.
 * @typedef {object} Spec
 * @property {string} name
 * @property {string} file beside this one: a module for host.mjs, or a Python module (without `.py`) for host.py
 * @property {object} [options] for that file
 * @property {string[]} [flags] for Node
 */
/** Its introduction. @typedef {{ version: string, settings: string, rows: number, epochs: number }} Introduction */
/** Why there is no process: the library is not installed, does not get this task, or failed. @typedef {{ absent?: string, not?: string, failed?: string }} Refusal */
/** Paths. @typedef {{ x: string, targets: string, labels: string }} Files */

const at = (/** @type {string} */ name) => fileURLToPath(new URL(name, import.meta.url));
const SLICE_MS = 100;

/** A task's rows as files for any language: float32, one-hot or single targets, and one byte per label. */
export class TaskFiles {
  folder = mkdtempSync(join(tmpdir(), "wasmlp-peers-"));

  /** @param {Task} task @returns {{ files: Files, targets: Float32Array }} */
  write({ name, rows, sizes, classes }) {
    const { x, y } = loadData(WORKLOADS[name].data, "float32");
    const width = sizes[sizes.length - 1];
    const targets = new Float32Array(rows * width).map((_, i) =>
      classes ? Number(y[Math.floor(i / width)] === i % width) : y[i],
    );
    /** @type {Record<string, Float32Array | Uint8Array>} */
    const arrays = {
      x: /** @type {Float32Array} */ (x.subarray(0, rows * sizes[0])),
      targets,
      labels: Uint8Array.from(y.subarray(0, rows)),
    };
    const files = /** @type {Files} */ (
      Object.fromEntries(
        Object.entries(arrays).map(([half, array]) => {
          const path = join(this.folder, `${name}-${half}`);
          writeFileSync(path, new Uint8Array(array.buffer, array.byteOffset, array.byteLength));
          return [half, path];
        }),
      )
    );
    return { files, targets };
  }

  remove() {
    rmSync(this.folder, { recursive: true });
  }
}

/** One process. */
export class Contender {
  /** Target duration of a slice, in milliseconds. */
  sliceMs = SLICE_MS;
  /** Iterations per slice; set by `warmUp`. */
  iterations = 1;
  /** Milliseconds of each slice. @type {number[]} */
  ms = [];

  /**
   * Starts a library on a task. Python's are looked for in Debian's Python too, whose packages another on the PATH lacks.
   * @param {Spec} spec @param {Task} task @param {Files} files @returns {Promise<Contender | Refusal>}
   */
  static async open(spec, task, files) {
    const asked = JSON.stringify({
      file: spec.file.endsWith(".mjs") ? `./${spec.file}` : spec.file,
      options: spec.options ?? {},
      task,
      data: files,
    });
    const commands = spec.file.endsWith(".mjs")
      ? [[process.execPath, ...(spec.flags ?? []), at("host.mjs"), asked]]
      : [process.env.PYTHON ?? "/usr/bin/python3", "python3"].map((python) => [python, at("host.py"), asked]);
    /** @type {Refusal} */
    let refusal = {};
    for (const [program, ...args] of commands) {
      const contender = new Contender(program, args);
      const answer = await contender.next();
      if ("version" in answer) return Object.assign(contender, { introduction: /** @type {Introduction} */ (answer) });
      refusal = answer;
      if (!refusal.absent) break;
    }
    return refusal;
  }

  /** @type {Introduction} */
  introduction = { version: "", settings: "", rows: 0, epochs: 0 };

  /** @param {string} program @param {string[]} args */
  constructor(program, args) {
    this.process = spawn(program, args, { stdio: ["pipe", "pipe", "inherit"] });
    this.process.stdin.on("error", () => {}); // the process has ended; `next` reports it
    /** @type {((answer: any) => void)[]} */
    this.waiting = [];
    this.process.on("error", () => this.answer({ absent: `there is no ${program}` }));
    this.process.on("exit", (code, signal) => this.answer({ failed: `ended (${signal ?? `code ${code}`})` }));
    createInterface({ input: this.process.stdout }).on("line", (line) => {
      if (line.startsWith("@")) this.answer(JSON.parse(line.slice(1)));
    });
  }

  /** @param {object} answer */
  answer(answer) {
    if (this.waiting.length) this.waiting.shift()?.(answer);
    else this.last = answer;
  }

  /** Its next answer. @returns {Promise<any>} */
  next() {
    if (!this.last) return new Promise((done) => this.waiting.push(done));
    const answer = this.last;
    this.last = undefined;
    return Promise.resolve(answer);
  }

  /** @param {object} question @throws Error when it fails */
  async ask(question) {
    this.process.stdin.write(`${JSON.stringify(question)}\n`);
    const answer = await this.next();
    if (answer.failed) throw new Error(answer.failed);
    return answer;
  }

  /** Trains a new network on some rows. @param {number} epochs @param {number} rows */
  learn(epochs, rows) {
    return this.ask({ ask: "learn", epochs, rows });
  }

  /** @param {number} iterations @returns {Promise<number>} milliseconds */
  async slice(iterations) {
    return (await this.ask({ ask: "slice", iterations, clock: this.clock })).ms;
  }

  /** "wall" for several threads, whose CPU time measures nothing. @type {"least" | "wall"} */
  clock = "least";

  /** Runs until slices get no faster, or for `most` milliseconds. @param {{ least: number, most: number }} ms */
  async warmUp({ least, most }) {
    let elapsed = 0,
      fastest = Infinity,
      noFaster = 0;
    for (let iterations = 1; ;) {
      const ms = await this.slice(iterations);
      elapsed += ms;
      noFaster = ms / iterations < 0.97 * fastest ? 0 : noFaster + 1;
      fastest = Math.min(fastest, ms / iterations);
      this.iterations = Math.max(1, Math.round(this.sliceMs / fastest));
      if (elapsed > most || (elapsed > least && noFaster > 1 && ms > this.sliceMs / 2)) return;
      iterations = ms < this.sliceMs / 2 ? 2 * iterations : this.iterations;
    }
  }

  /** Measures one more slice. */
  async measure() {
    this.ms.push(await this.slice(this.iterations));
  }

  /** Returns the samples, and starts a new list. */
  take() {
    const { ms } = this;
    this.ms = [];
    return { rowsPerSlice: this.iterations * this.introduction.rows, ms };
  }

  get ended() {
    return this.process.exitCode !== null || this.process.signalCode !== null;
  }

  async close() {
    if (this.ended) return;
    const ended = once(this.process, "exit");
    this.process.stdin.end();
    await ended;
  }
}
