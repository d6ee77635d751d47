// A classifier on embeddings: what kind of word is this? Someone else's model turned the words into vectors (GloVe, 100 numbers a word);
// a small network on top of them learns from 20 words of each class, and classifies words that it was never shown.
// Vectors of any other model go the same way: of sentences by transformers.js, of pictures by MobileNet or MediaPipe.
import { readFileSync } from "node:fs";
import { NN } from "wasmlp";

const file = JSON.parse(readFileSync(new URL("data/word-vectors.json", import.meta.url), "utf8"));
const classes = Object.keys(file.classes);
const bytes = new Int8Array(Buffer.from(file.vectors, "base64"));

/** @type {{ word: string, y: number, vector: Float32Array }[]} */
const items = Object.values(file.classes)
  .flatMap((words, y) => words.map((word) => ({ word, y })))
  .map((item, i) => ({
    ...item,
    vector: Float32Array.from(bytes.subarray(i * file.dimensions, (i + 1) * file.dimensions), (byte) => byte / 127),
  }));
const perClass = items.length / classes.length;
const [train, test] = [true, false].map((isTrain) => items.filter((_, i) => i % perClass < 20 === isTrain));

const nn = new NN({
  layers: [file.dimensions, { units: 32, activation: "relu", dropout: 0.3 }, classes.length],
  loss: "categoricalCrossentropy",
  l2: 1e-3,
  learningRate: 0.005,
  seed: 1,
});
nn.metadata = { classes }; // saved with the network
nn.fit(
  train.map(({ vector }) => vector),
  train.map(({ y }) => y),
  { epochs: 60, batchSize: 16 },
);

const rows = test.map(({ vector }) => vector);
const { accuracy } = nn.evaluate(
  rows,
  test.map(({ y }) => y),
);
console.log(
  `${train.length} words in ${classes.length} classes; ${(100 * accuracy).toFixed(1)} % of ${test.length} other words classified correctly`,
);

const answers = nn.predictClasses(rows);
const chances = nn.predict(rows);
for (const [i, { word, y }] of test.entries()) {
  const wrong = answers[i] !== y;
  if (i % 5 === 0 || wrong) {
    console.log(
      `${word.padEnd(14)} ${classes[answers[i]].padEnd(11)} ${(100 * chances[i][answers[i]]).toFixed(0).padStart(3)} %${wrong ? `   (is ${classes[y]})` : ""}`,
    );
  }
}
