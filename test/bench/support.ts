// Results as the benchmark saves them, made up: figures that a reader can check by hand.
import type { Machine } from "../../bench/machine.mjs";
import type { Comparison, PeerResults } from "../../bench/peers/run.mjs";
import type { Measurement } from "../../bench/statistics.mjs";
import type { Results } from "../../bench/table.mjs";

export const MACHINE: Machine = {
  cpu: "Intel(R) Core(TM) i7-1",
  cores: 2,
  node: "24.1.0",
  v8: "13.6",
  os: "Linux 6 x64",
  load: 0.5,
  date: "2026-01-02T03:04:05.000Z",
  commit: "abc1234",
};

/** 1,000 rows per slice; 100 operations per row; peaks of 1 GFLOP/s by default. */
export function measurement(name: string, tracks: Record<string, number[]>, peak = 1): Measurement {
  const rounds = Object.values(tracks)[0].length;
  return {
    name,
    about: `about ${name}`,
    data: "generated",
    flopPerRow: 100,
    tracks: Object.entries(tracks).map(([engine, ms]) => ({ engine, build: "this", rowsPerSlice: 1000, ms })),
    peaks: Object.fromEntries(
      Object.keys(tracks)
        .filter((engine) => engine !== "js")
        .map((engine) => [engine, Array.from({ length: rounds }, () => peak)]),
    ),
  };
}

export function results(measurements: Measurement[], machine: Partial<Machine> = {}, dtype = "float32"): Results {
  return { kind: "workloads", machine: { ...MACHINE, ...machine }, dtype, seconds: 1, measurements };
}

/** A library that takes `theirs` milliseconds for the work that wasmlp does in `ours`. */
export function comparison(peer: string, theirs: number[], ours: number[], learnt?: { they: number; we: number }): Comparison {
  const seen = (squaredError: number) => ({
    before: { squaredError: 0.25, accuracy: 0.5 },
    after: { squaredError, accuracy: 1 - squaredError },
  });
  return {
    peer,
    version: "1.2.3",
    settings: "as it likes",
    rows: 10,
    dtype: "float32",
    theirs: { rowsPerSlice: 100, ms: theirs },
    ours: { rowsPerSlice: 100, ms: ours },
    ...(learnt && {
      learning: {
        epochs: 7,
        guessing: 0.25,
        theirs: seen(learnt.they),
        ours: seen(learnt.we),
        theyLearn: learnt.they < 0.2,
        weLearn: learnt.we < 0.2,
      },
    }),
  };
}

export function peerResults(name: string, comparisons: PeerResults["measurements"][number]["comparisons"]): PeerResults {
  const task = { name, sizes: [5, 10, 1], trains: true, batch: 10, rows: 10, classes: 0, learningRate: 1, epochs: 7 };
  return { kind: "peers", machine: MACHINE, measurements: [{ task, comparisons }] };
}
