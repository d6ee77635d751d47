// wasmlp's side: node train.mjs TASK prints, as JSON, a score and the CPU seconds of training for each seed.
import { readFileSync } from "node:fs";
import { NN } from "wasmlp";
import { readTask } from "./data.mjs";

const isRegression = (task) => task.loss === "halfSquaredError";

/** The task as this library's options. scikit-learn divides alpha by the rows of the batch; see docs/accuracy.md. */
export function networkOptions(task, { inputs, outputs }) {
  const initializer = "glorotUniform";
  return {
    layers: [
      inputs,
      ...task.hidden.map((units) => ({ units, activation: task.activation, initializer })),
      { units: outputs, initializer, ...(isRegression(task) && { activation: "linear" }) },
    ],
    loss: task.loss,
    optimizer: task.optimizer,
    l2: task.alpha / task.batchSize,
    batchSize: task.batchSize,
    epochs: task.epochs,
    inputScaling: task.scaling ? "standard" : "none",
    targetScaling: task.scaling && isRegression(task) ? "standard" : "none",
  };
}

/** A network initialised as scikit-learn's: biases are also drawn, from the range of their layer's weights. */
function create(options, seed) {
  const nn = new NN({ ...options, seed });
  const other = new NN({ ...options, seed: seed + 1_000_000 }).getWeights();
  nn.setWeights(nn.getWeights().map(({ kernel, bias }, i) => ({ kernel, bias: other[i].kernel.slice(0, bias.length) })));
  return nn;
}

/** Accuracy, or R² for a regression. */
function score(nn, { x, y }, task) {
  if (!isRegression(task)) return nn.evaluate(x, y).accuracy;
  const mean = y.reduce((sum, value) => sum + value, 0) / y.length;
  const predictions = nn.predict(x);
  const squares = (differences) => differences.reduce((sum, value) => sum + value * value, 0);
  return 1 - squares(y.map((value, i) => value - predictions[i])) / squares(y.map((value) => value - mean));
}

function main(name) {
  const { folds, tasks } = JSON.parse(readFileSync(new URL("tasks.json", import.meta.url), "utf8"));
  const task = tasks.find((each) => each.name === name);
  const data = readTask(task, folds);
  const options = networkOptions(task, data);
  const runs = Array.from({ length: task.seeds }, (_, seed) => {
    let seconds = 0;
    const scores = data.folds.map(({ train, test }) => {
      const start = process.cpuUsage();
      const nn = create(options, seed);
      nn.fit(train.x, train.y);
      const { user, system } = process.cpuUsage(start); // of all threads of the process, including V8's compilers
      seconds += (user + system) / 1e6;
      return score(nn, test, task);
    });
    return { score: scores.reduce((sum, value) => sum + value, 0) / scores.length, seconds };
  });
  console.log(JSON.stringify({ backend: new NN(options).backend, runs }));
}

if (import.meta.filename === process.argv[1]) main(process.argv[2]);
