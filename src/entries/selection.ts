// Choosing a network: rows divided into training and test, cross-validation, and a search through spaces of options.
export {
  crossValidate,
  type CrossValidation,
  type CrossValidationOptions,
  type Evaluation,
  type Scores,
} from "./selection/cross-validate.js";
export type { Metric } from "./selection/network.js";
export { planTrials, type PlanOptions, type Split, type Strategy, type Trial } from "./selection/plan.js";
export type { Fold, Labels, TrainTest } from "./selection/rows.js";
export { search, type SearchOptions, type SearchResult } from "./selection/search.js";
export {
  integer,
  logUniform,
  oneOf,
  uniform,
  type NetworkSpace,
  type NumberRange,
  type OneOf,
  type Space,
} from "./selection/space.js";
export { kFold, trainTestSplit, type FoldOptions, type TrainTestOptions } from "./selection/splits.js";
export { bestTrial, nextTrials, runTrial, type RunOptions, type TrialResult } from "./selection/trial.js";
