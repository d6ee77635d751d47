// Metrics of classes, probabilities and numbers, with scikit-learn's definitions: pure functions of the results of `predictClasses` and
// `predict`, independent of networks.
export {
  accuracy,
  balancedAccuracy,
  confusionMatrix,
  f1,
  precision,
  recall,
  type Average,
  type Score,
  type ScoreOptions,
} from "./metrics/classes.js";
export { meanAbsoluteError, meanSquaredError, r2Score, rootMeanSquaredError } from "./metrics/numbers.js";
export { brierScore, fitTemperature, logLoss, rocAuc, scaleTemperature, topKAccuracy } from "./metrics/probabilities.js";
export type { Classes, Values } from "./metrics/values.js";
