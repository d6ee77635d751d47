// `wasmlp work`: a worker of a queue.
import { availableParallelism } from "node:os";
import type { Command } from "../command.js";
import { UsageError } from "../errors.js";
import { short } from "../format.js";
import { numberOf, textOf } from "../parse.js";
import { connect } from "../queue/redis.js";
import { work } from "../queue/worker.js";
import { note, print } from "../terminal.js";
import { listenForInterrupt } from "../train/interrupt.js";

const LOCK_MS = 30_000;

export const workCommand: Command = {
  name: "work",
  summary: "Run the trials of searches, from a queue.",
  description: [
    "Takes trials that wasmlp search --redis has put into a queue, trains, and gives the scores back, until it is stopped: by Ctrl-C or SIGTERM it finishes the " +
      "trials that are running first. Jobs are data, never code, and are checked before anything is built from them.",
    "A worker that disappears loses nothing: after --lock-ms without a sign of life another worker begins its trial again.",
  ],
  positionals: [],
  options: {
    redis: { type: "string", value: "URL", help: "Where the queue is: redis://host:6379. Required." },
    concurrency: {
      type: "string",
      value: "N",
      help: "Trials at a time, each on a thread of its own. Default: as many as the machine has cores.",
    },
    "lock-ms": { type: "string", value: "MS", help: "Silence after which a worker's trials are given to others. Default 30000." },
  },
  examples: [["wasmlp work --redis redis://queue:6379", "On each machine that shall help."]],
  async run(values) {
    const url = textOf(values, "redis");
    if (url === undefined) throw new UsageError("--redis is missing; it names where the queue is, such as redis://host:6379");
    const isPositive = (value: number): boolean => Number.isSafeInteger(value) && value > 0;
    const concurrency = numberOf(values, "concurrency", isPositive, "a positive integer") ?? availableParallelism();
    const lockMs =
      numberOf(values, "lock-ms", (value) => isPositive(value) && value >= 100, "an integer, 100 or more") ?? LOCK_MS;
    const quiet = Boolean(values.quiet);
    const interrupt = listenForInterrupt();
    const connection = await connect(url, quiet);
    try {
      const worker = await work(connection, {
        concurrency,
        lockMs,
        onStart({ search, trial }) {
          if (!quiet) note(`${search.slice(0, 8)} trial ${trial.trial}${trial.round ? ` round ${trial.round}` : ""}: started`);
        },
        onEnd({ search, trial }, { score }) {
          if (values.json) void print(`${JSON.stringify({ search, trial: trial.trial, round: trial.round, score })}\n`);
          else if (!quiet)
            note(
              `${search.slice(0, 8)} trial ${trial.trial}${trial.round ? ` round ${trial.round}` : ""}: ${score === null ? "diverged" : `score ${short(score)}`}`,
            );
        },
        onError(error) {
          if (!quiet) note(`warning: ${error.message}`);
        },
      });
      if (!quiet) note(`waiting for trials, ${concurrency} at a time; Ctrl-C ends after those that are running`);
      await new Promise<void>((resolve) => {
        interrupt.signal.addEventListener("abort", () => resolve());
        if (interrupt.signal.aborted) resolve();
      });
      await worker.close();
    } finally {
      connection.end();
      interrupt.end();
    }
  },
};
