// A table with every kind of column and with gaps: which bicycles are returned elsewhere, and for how many minutes are they rented?
import { readFileSync } from "node:fs";
import { TableModel } from "wasmlp/table";

// A plain file, without quotes; real ones are for a CSV parser, which gives rows of the same form.
const text = readFileSync(new URL("data/rentals.csv", import.meta.url), "utf8");
const [names, ...lines] = text
  .trim()
  .split("\n")
  .map((line) => line.split(","));
const rows = lines.map((cells) => Object.fromEntries(names.map((name, c) => [name, cells[c]])));
const [train, test] = [rows.filter((_, r) => r % 4), rows.filter((_, r) => r % 4 === 0)];

const columns = { temperature: { missing: "median" }, weather: { missing: "unknown" } };
const where = new TableModel({ target: "returned", columns, network: { seed: 1, l2: 0.01 } });
where.fit(train, { epochs: 40, classWeight: "balanced" });
console.log(`returned elsewhere or not: ${(100 * where.evaluate(test).accuracy).toFixed(1)} % of ${test.length} rows are right`);
for (const [name, { kind, mean, missing, categories }] of Object.entries(where.columns)) {
  console.log(
    `  ${name.padEnd(12)} ${kind.padEnd(9)}`,
    categories?.join(", ") ?? (mean === undefined ? "" : `mean ${mean.toFixed(1)}`),
    missing === undefined ? "" : `(missing: ${missing})`,
  );
}
console.log("how much the accuracy falls without", where.importance(test, { repeats: 20, seed: 1 }));

const howLong = new TableModel({
  target: "minutes",
  columns: { ...columns, returned: "ignore" },
  network: { seed: 1, l2: 0.01 },
});
howLong.fit(train, { epochs: 40 });
const { mae, r2 } = howLong.evaluate(test);
console.log(`minutes: wrong by ${mae.toFixed(1)} on average, R² ${r2.toFixed(2)}`);

const ride = { time: "2026-07-04T15:00", station: "park", weather: "sun", temperature: 26, member: false };
const [minutes] = howLong.predict([ride]);
const [probability] = where.probabilities([{ ...ride, minutes }]);
console.log(
  `a sunny Saturday in the park: ${minutes.toFixed(0)} minutes, returned elsewhere with ${(100 * probability.elsewhere).toFixed(0)} %`,
);
