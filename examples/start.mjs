// The tour that `npm start` shows: the ten-row table, then MNIST, some of its digits, and the speed beside plain JavaScript.
// `node examples/start.mjs 3` trains for 3 epochs instead of 6.
import { digitsPerLine, drawDigits, showsBlocks } from "./digits.mjs";
import { race } from "./race.mjs";

const title = (text) => console.log(`\n${text}\n${"─".repeat(text.length)}`);

title("Ten rows: who passed? (examples/ten-rows.mjs)");
await import("./ten-rows.mjs");

title("Handwritten digits: MNIST (examples/mnist.mjs)");
const { nn, options, train, test } = await import("./mnist.mjs");

const answers = nn.predictClasses(test.x);
const rows = Array.from(answers, (_, row) => row);
const width = digitsPerLine(process.stdout.columns);
const show = (chosen, caption) => {
  const digits = chosen
    .slice(0, width)
    .map((row) => ({ pixels: test.x.subarray(row * 784, (row + 1) * 784), caption: caption(row) }));
  console.log(drawDigits(digits, showsBlocks()));
};
console.log("\nThe first digits of the test set, and what the network reads:\n");
show(rows, (row) => String(answers[row]));
console.log("\nThe first that it misreads:\n");
show(
  rows.filter((row) => answers[row] !== test.y[row]),
  (row) => `${answers[row]}, not ${test.y[row]}`,
);

title("WebAssembly beside the library's plain JavaScript engine");
const some = 300;
const { ratio, wasm, js, turns } = race(options, { x: train.x.subarray(0, some * 784), y: train.y.subarray(0, some) });
const perSecond = (speed) => `${Math.round(speed).toLocaleString("en")} rows a second`;
console.log(`${nn.backend.padEnd(18)} ${perSecond(wasm)}`);
console.log(`${"js".padEnd(18)} ${perSecond(js)}`);
console.log(
  `ratio ${ratio.toFixed(1)}: the same network on the same ${some.toLocaleString("en")} rows, the two engines in turn, the median of ${turns} turns`,
);
