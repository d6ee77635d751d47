// How good predictions are: measures of classes, probabilities and numbers, by scikit-learn's definitions. Pure functions over what
// `predictClasses` and `predict` return; nothing here knows a network.
export {
  accuracy, balancedAccuracy, confusionMatrix, f1, precision, recall, type Average, type Score, type ScoreOptions,
} from "./metrics/classes.js";
export { meanAbsoluteError, meanSquaredError, r2Score, rootMeanSquaredError } from "./metrics/numbers.js";
export { brierScore, fitTemperature, logLoss, rocAuc, scaleTemperature, topKAccuracy } from "./metrics/probabilities.js";
export type { Classes, Values } from "./metrics/values.js";
