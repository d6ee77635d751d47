// What a job in the queue is: a trial as data. Workers check it as they would a file from a stranger.
import type { Trial, TrialResult } from "../../entries/selection.js";
import { readTrial } from "../../entries/selection/stored.js";
import { ModelFormatError } from "../../index.js";

export const JOB_VERSION = 1;
/** Characters of a job as JSON, and numbers of a network. */
const LONGEST = 1 << 20;
const MOST_PARAMETERS = 2 ** 27;

export interface Job {
  readonly version: number;
  /** Which search's data belongs to it. */
  readonly search: string;
  readonly trial: Trial;
}

/** The result of a job; the coordinator knows the trial. */
export type Outcome = Pick<TrialResult, "trial" | "round" | "score" | "scores" | "deviation" | "evaluation" | "error">;

/** The job's name in the queue: the same trial twice is one job. */
export const jobId = (search: string, { round, trial }: Pick<Trial, "round" | "trial">): string => `${search}-${round}-${trial}`;

/** @throws ModelFormatError that names what is wrong */
export function readJob(value: unknown): Job {
  const text = JSON.stringify(value) as string | undefined;
  if (typeof value !== "object" || value === null || text === undefined) throw new ModelFormatError("the job is no object");
  if (text.length > LONGEST) throw new ModelFormatError(`the job has ${text.length} characters; at most ${LONGEST} are read`);
  const { version, search, trial, ...others } = value as Record<string, unknown>;
  if (version !== JOB_VERSION)
    throw new ModelFormatError(
      `the job was written by another version of wasmlp (job version ${String(version)}, not ${JOB_VERSION})`,
    );
  const [surplus] = Object.keys(others);
  if (surplus !== undefined) throw new ModelFormatError(`the job has an unknown entry "${surplus.slice(0, 40)}"`);
  if (typeof search !== "string" || !/^[0-9a-f]{32}$/.test(search)) throw new ModelFormatError("the job names no search");
  return { version, search, trial: readTrial(trial) };
}

/** Refuses a network that does not fit the rows, or is too large for any worker. */
export function checkNetwork({ options: { layers } }: Trial, inputs: number, targets: number): void {
  const sizes = layers.map((layer) => (typeof layer === "object" ? layer.units : layer));
  if (sizes[0] !== inputs)
    throw new ModelFormatError(`trial.options.layers begins with ${sizes[0]}; the rows have ${inputs} numbers`);
  const outputs = sizes.at(-1)!;
  if (targets !== 1 && outputs !== targets)
    throw new ModelFormatError(`trial.options.layers ends with ${outputs}; the targets have ${targets} numbers`);
  const parameters = sizes.reduce((sum, size, i) => (i ? sum + size * (sizes[i - 1]! + 1) : 0), 0);
  if (parameters > MOST_PARAMETERS)
    throw new ModelFormatError(`trial.options.layers makes ${parameters} parameters; at most ${MOST_PARAMETERS} are trained`);
}

export const outcomeOf = ({ trial, round, score, scores, deviation, evaluation, error }: TrialResult): Outcome => ({
  trial,
  round,
  score,
  scores,
  deviation,
  ...(evaluation && { evaluation }),
  ...(error !== undefined && { error }),
});
