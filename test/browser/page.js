// What the smoke test's page does: learns XOR with the built library, trains a larger network here and in the background, and
// tells the server how that went. Its address says what to do without: ?without=Worker, ?workerUrl=/worker.js; or
// to compute the digest of training with so many threads instead: ?digest=4
const wishes = new URLSearchParams(location.search);
let answers = 0;
if (wishes.get("without") === "Worker") {
  delete globalThis.Worker;
} else {
  globalThis.Worker = class extends Worker {
    constructor(...args) {
      super(...args);
      this.addEventListener("message", () => answers++);
    }
  };
}
const warnings = [];
console.warn = (text) => warnings.push(text);

async function learn() {
  const { NN } = await import("/index.js");
  const x = [
    [0, 0],
    [0, 1],
    [1, 0],
    [1, 1],
  ];
  const nn = new NN(2, 3, 1, 0.5, 5000, { seed: 1 });
  const { loss } = nn.fit(x, [[0], [1], [1], [0]]);
  return {
    backend: nn.backend,
    predictions: nn.predict(x).flat(),
    loss: [loss[0], loss.at(-1)],
    background: await trainBeside(NN),
  };
}

/** Trains one network by fit and its like by fitAsync. A step of theirs is worth two threads. */
async function trainBeside(NN) {
  const make = () => new NN({ layers: [90, 100, 12], loss: "meanSquaredError", seed: 7, batchSize: 128 });
  const [here, away] = [make(), make()];
  const x = Float32Array.from({ length: 90 * 700 }, (_, i) => Math.sin(i)),
    y = Float32Array.from({ length: 12 * 700 }, (_, i) => Math.cos(i));
  const expected = here.fit(x, y, { epochs: 3 });
  const epochs = [];
  const history = await away.fitAsync(x, y, {
    epochs: 3,
    threads: 2,
    onEpochEnd: ({ epoch }) => {
      epochs.push(epoch);
    },
    ...(wishes.has("workerUrl") && { workerUrl: wishes.get("workerUrl") }),
  });
  const state = ({ loss, stopReason }, nn) => JSON.stringify([loss, stopReason, nn]);
  return { threads: away.threads, same: state(history, away) === state(expected, here), epochs, warnings, answered: answers > 0 };
}

/** The digest of reproducible training, and with how many threads it was computed. */
async function digest() {
  const [{ NN }, { trainingDigest }] = await Promise.all([import("/index.js"), import("/digest.js")]);
  return trainingDigest(NN, { threads: Number(wishes.get("digest")) });
}

const report = await (wishes.has("digest") ? digest() : learn()).catch((error) => ({ error: String(error) }));
await fetch("/report", { method: "POST", body: JSON.stringify(report) });
