// Plans a search: from a space and a seed to a list of trials. A trial is plain data, so any process or machine can run it, in any order,
// with the same result.
import type { NetworkOptions } from "../../index.js";
import { boolean, checkOptions, oneOf, outOfRange, plural, positiveInteger, refuse } from "../../options/checks.js";
import { createProbe, metricOf } from "./network.js";
import { deriveSeed, generator, randomSeed, seedCheck } from "./random.js";
import { choosePoint, gridPoints, type NetworkSpace } from "./space.js";
import { foldCount, testShare } from "./splits.js";

const STRATEGIES = ["grid", "random", "halving"] as const;
export type Strategy = (typeof STRATEGIES)[number];

export interface PlanOptions {
  /**
   * How many points of the space are tried. Default 20, and for `grid` all of them; a grid of more than `trials` points, or 10,000, is
   * refused. A space without ranges that has fewer points than `trials` is tried whole.
   */
  trials?: number;
  /** A 32-bit integer from which all trials follow. Default: random. */
  seed?: number;
  /**
   * - `random` (default): points drawn from the space, no point twice;
   * - `grid`: every combination of the values of `oneOf` and `integer`;
   * - `halving`: as random, but all trials train for few epochs first, the best of them for `factor` times as many, and so on, until
   *   about one is left that trains for all of `epochs`.
   */
  strategy?: Strategy;
  /** How many epochs a trial trains; with `halving` in the last round. Default: the space's `epochs`. */
  epochs?: number;
  /** With `halving`: one in `factor` trials continues, with `factor` times the epochs. Default 3. */
  factor?: number;
  /** A trial is scored by cross-validation with so many folds. Default 5. */
  folds?: number;
  /** Instead of folds: scored once, on this share of the rows, above 0 and below 1, or so many rows. */
  test?: number;
  /** Whether all parts have the same share of each class of `y`. Default: with a cross-entropy. */
  stratify?: boolean;
}

/** How a trial's rows are divided into those to train on and those to test on: the same for all trials of a search. */
export interface Split {
  readonly seed: number;
  readonly stratify: boolean;
  readonly folds?: number;
  readonly test?: number;
  /** Only this one of the folds, counted from 0. */
  readonly fold?: number;
}

/** A network to train and score: JSON data. */
export interface Trial {
  readonly version: 1;
  /** The trial's number, from 0. */
  readonly trial: number;
  /** The round of `halving`, from 0; 0 otherwise. */
  readonly round: number;
  /** A point of the space, with a seed. */
  readonly options: NetworkOptions;
  readonly split: Split;
  /** With `halving`: the epochs of each round. */
  readonly rounds?: readonly number[];
  readonly factor?: number;
}

export const PLAN = {
  trials: positiveInteger,
  seed: seedCheck,
  strategy: oneOf(...STRATEGIES),
  epochs: positiveInteger,
  factor: foldCount,
  folds: foldCount,
  test: testShare,
  stratify: boolean,
};
const MOST_TRIALS = 10_000;

/**
 * The trials of a search, or of the first round of one by halving. The same space, options and seed give the same trials everywhere.
 * @throws TypeError, RangeError that name the option or the place in the space
 */
export function planTrials(space: NetworkSpace, options: PlanOptions = {}): Trial[] {
  const plan = checkOptions(options, PLAN);
  const { seed = randomSeed(), strategy = "random", folds, test, factor = 3 } = plan;
  if (folds !== undefined && test !== undefined) outOfRange("folds and test are both given; give one of them");
  const points = strategy === "grid" ? wholeGrid(space, plan.trials) : drawPoints(space, plan.trials ?? 20, seed);
  const rounds =
    strategy === "halving" ? roundsOf(points.length, positiveInteger(plan.epochs ?? space.epochs, "epochs"), factor) : undefined;
  return points.map((point, trial) => {
    const options = {
      seed: deriveSeed(seed, trial),
      ...point,
      ...(plan.epochs && { epochs: plan.epochs }),
      ...(rounds && { epochs: rounds[0]! }),
    };
    createProbe(options);
    if (options.loss !== points[0]!.loss)
      refuse("space.loss", options.loss, "the same in all trials, whose scores could not be compared otherwise");
    const split = {
      seed,
      stratify: plan.stratify ?? metricOf(options) === "accuracy",
      ...(test === undefined ? { folds: folds ?? 5 } : { test }),
    };
    return { version: 1, trial, round: 0, options, split, ...(rounds && { rounds, factor }) };
  });
}

function wholeGrid(space: unknown, trials = MOST_TRIALS): NetworkOptions[] {
  const points: unknown[] = [];
  const draw = (where: string): never =>
    outOfRange(`${where} is a range without steps, which a grid cannot have; use oneOf, or strategy "random"`);
  for (const point of gridPoints(space, draw)) {
    if (points.push(point) > trials)
      outOfRange(`the grid has more than ${plural(trials, "point")}; use strategy "random", or more trials`);
  }
  return points as NetworkOptions[];
}

function drawPoints(space: unknown, trials: number, seed: number): NetworkOptions[] {
  const random = generator(seed);
  const chooser = { pick: (of: number) => Math.floor(random() * of), draw: random };
  const points = new Map<string, unknown>();
  // After so many draws without a new point, the chance that a space of equally likely points has another one is below 1e-8.
  for (let misses = 0; points.size < trials && misses < 20 * points.size + 20; misses++) {
    const point = choosePoint(space, chooser);
    const key = JSON.stringify(point);
    if (!points.has(key)) misses = 0;
    points.set(key, point);
  }
  return [...points.values()] as NetworkOptions[];
}

/** The epochs of each round: as many rounds as trials or epochs can be divided by the factor, the last one with all epochs. */
function roundsOf(trials: number, epochs: number, factor: number): number[] {
  const rounds = [epochs];
  for (let left = trials; left >= factor && rounds[0]! >= factor; left /= factor) rounds.unshift(Math.floor(rounds[0]! / factor));
  return rounds;
}
