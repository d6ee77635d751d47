// Federated averaging of gradients (McMahan et al. 2017, its FedSGD): rows stay with their owners, here three clinics. Each sends
// the gradient on its own rows; the server averages the gradients, weighted by rows, takes a step, and sends the weights back.
import { NN } from "wasmlp";
import { readTable, splitFolds } from "./datasets/table.mjs";

const rounds = 150;
const [{ train, test }] = splitFolds(readTable("breast-cancer"));

// Scaling has to be the same for all, so it is agreed on beforehand: here from sums that the clinics could send without their rows.
const columns = train.x[0].length;
const shift = Array.from({ length: columns }, (_, c) => train.x.reduce((sum, row) => sum + row[c], 0) / train.x.length);
const scale = shift.map((mean, c) => Math.sqrt(train.x.reduce((sum, row) => sum + (row[c] - mean) ** 2, 0) / train.x.length));

const options = {
  layers: [columns, { units: 16, activation: "relu" }, 1],
  loss: "binaryCrossentropy",
  learningRate: 0.01,
  inputScaling: { shift, scale },
  seed: 1,
};
const server = new NN(options);

/** One clinic: its rows never leave this function. */
function clinic(x, y) {
  const nn = server.clone();
  return {
    rows: x.length,
    gradients(weights) {
      nn.setWeights(weights);
      return nn.gradients(x, y).layers;
    },
  };
}
// Unequal shares: a half, a third and a sixth of the rows.
const cuts = [0, 1 / 2, 5 / 6, 1].map((share) => Math.round(share * train.x.length));
const clinics = [0, 1, 2].map((i) => clinic(train.x.slice(cuts[i], cuts[i + 1]), train.y.slice(cuts[i], cuts[i + 1])));
const rows = train.x.length;

/** The mean of lists of numbers, each with its weight. */
const mean = (lists, weights) => lists[0].map((_, i) => lists.reduce((sum, list, l) => sum + weights[l] * list[i], 0));

const shares = clinics.map((each) => each.rows / rows);
for (let round = 0; round < rounds; round++) {
  const weights = server.getWeights();
  const sent = clinics.map((each) => each.gradients(weights));
  server.applyGradients(
    weights.map((_, l) => ({
      kernel: mean(
        sent.map((layers) => layers[l].kernel),
        shares,
      ),
      bias: mean(
        sent.map((layers) => layers[l].bias),
        shares,
      ),
    })),
  );
}

// The same network trained in one place, on all rows as one batch: the same steps, but for the order of sums.
const central = new NN(options);
central.fit(train.x, train.y, { epochs: rounds, batchSize: Infinity, shuffle: false });
const apart = Math.max(...server.predict(test.x).map(([p], i) => Math.abs(p - central.predict([test.x[i]])[0][0])));

console.log(`${clinics.map((each) => each.rows).join(" + ")} rows with three clinics, ${rounds} rounds`);
for (const [name, nn] of [
  ["federated", server],
  ["in one place", central],
]) {
  const { accuracy, loss } = nn.evaluate(test.x, test.y);
  console.log(
    `${name.padEnd(12)}  accuracy ${(100 * accuracy).toFixed(1)} %, loss ${loss.toFixed(4)}, on ${test.y.length} tumours not seen in training`,
  );
}
console.log(`predictions differ by at most ${apart.toExponential(1)}`);
