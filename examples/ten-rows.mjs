// The textbook's network: five inputs, ten hidden units, one output, trained on a table of ten rows.
// Each row is a student; the target says whether they passed.
import { readFileSync } from "node:fs";
import { NN } from "wasmlp";

// A line of names, then a line of numbers for each row; the last column is the target.
const text = readFileSync(new URL("data/ten-rows.csv", import.meta.url), "utf8");
const [names, ...rows] = text
  .trim()
  .split("\n")
  .map((line) => line.split(","));
const table = rows.map((cells) => cells.map(Number));
const x = table.map((row) => row.slice(0, -1));
const y = table.map((row) => row.slice(-1));

// Inputs, hidden units, outputs, learning rate, epochs. The seed may be left out: then every run starts elsewhere.
const nn = new NN(5, 10, 1, 0.1, 1000, { seed: 1 });
const history = nn.fit(x, y);
const predictions = nn.predict(x);

const columns = [...names, "prediction"];
console.log(columns.join("  "));
table.forEach((row, i) => {
  const cells = [...row, predictions[i][0].toFixed(3)];
  console.log(cells.map((cell, c) => String(cell).padStart(columns[c].length)).join("  "));
});

const right = predictions.filter(([p], i) => p > 0.5 === y[i][0] > 0.5).length;
const [first, last] = [history.loss[0], history.loss.at(-1)];
console.log(
  `loss ${first.toFixed(4)} → ${last.toFixed(4)} in ${history.epochs} epochs; ${right} of ${x.length} rows on the right side of 0.5`,
);
