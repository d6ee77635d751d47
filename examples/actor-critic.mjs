// A pair of networks on the cart and pole: the actor gives the probability of each push, the critic the value of a state. Every 256 steps
// both learn from generalized advantage estimates (Schulman et al. 2016); an entropy bonus keeps the actor exploring.
import { NN } from "wasmlp";
import { CartPole, randomNumbers } from "./cart-pole.mjs";

const seed = 1,
  updates = 80,
  steps = 256,
  discount = 0.99,
  smoothing = 0.95,
  bonus = 0.005;
const random = randomNumbers(seed);
const world = new CartPole(random);
const inputScaling = { shift: [0, 0, 0, 0], scale: [2.4, 2, 0.2, 2] };
const hidden = { units: 64, activation: "tanh" };
const actor = new NN({
  layers: [4, hidden, 2],
  loss: "categoricalCrossentropy",
  learningRate: 0.01,
  inputScaling,
  seed,
  reproducible: true,
});
const critic = new NN({
  layers: [4, hidden, 1],
  loss: "meanSquaredError",
  learningRate: 0.01,
  inputScaling,
  seed: seed + 1,
  reproducible: true,
});

let state = world.reset();
let length = 0;
/** Lengths of the episodes that have ended since the last line of output. */
let lengths = [];

/** Goes so many steps on, over the ends of episodes. */
function play() {
  const [states, nextStates] = [new Float32Array(4 * steps), new Float32Array(4 * steps)];
  const [actions, fell, ended] = [new Uint8Array(steps), new Uint8Array(steps), new Uint8Array(steps)];
  for (let i = 0; i < steps; i++) {
    states.set(state, 4 * i);
    actions[i] = random() < actor.predict(state)[0] ? 0 : 1;
    const next = world.step(actions[i]);
    nextStates.set(next.state, 4 * i);
    [fell[i], ended[i]] = [Number(next.fell), Number(next.done)];
    length++;
    state = next.state;
    if (!next.done) continue;
    lengths.push(length);
    length = 0;
    state = world.reset();
  }
  return { states, nextStates, actions, fell, ended };
}

/** How much better each step turned out than the critic expected. */
function advantages({ fell, ended }, values, nextValues) {
  const result = new Float32Array(steps);
  for (let i = steps - 1, later = 0; i >= 0; i--) {
    const surprise = 1 + (fell[i] ? 0 : discount * nextValues[i]) - values[i];
    result[i] = later = surprise + (ended[i] ? 0 : discount * smoothing * later);
  }
  return result;
}

console.log("  steps   mean length of an episode, of at most 500");
for (let update = 1; update <= updates; update++) {
  const played = play();
  const values = critic.predict(played.states);
  const advantage = advantages(played, values, critic.predict(played.nextStates));
  const returns = values.map((value, i) => value + advantage[i]);
  const mean = advantage.reduce((sum, each) => sum + each) / steps;
  const deviation = Math.sqrt(advantage.reduce((sum, each) => sum + (each - mean) ** 2, 0) / steps);

  actor.partialFit(played.states, (probabilities, gradient, rows) => {
    let loss = 0;
    for (let i = 0; i < probabilities.length; i++) {
      const [row, action] = [i >> 1, i % 2];
      const p = Math.max(probabilities[i], 1e-6);
      loss += (bonus * p * Math.log(p)) / rows; // the negative entropy
      gradient[i] = (bonus * (Math.log(p) + 1)) / rows;
      if (action !== played.actions[row]) continue;
      const weight = (advantage[row] - mean) / (deviation + 1e-6) / rows;
      loss -= weight * Math.log(p);
      gradient[i] -= weight / p;
    }
    return loss;
  });
  // Values go up to 100, far from where the critic starts: several passes, in small batches.
  critic.fit(played.states, returns, { epochs: 5, batchSize: 32 });

  if (update % 10 || !lengths.length) continue;
  const average = lengths.reduce((sum, each) => sum + each) / lengths.length;
  console.log(
    `${String(update * steps).padStart(7)}  ${average.toFixed(0).padStart(4)}  ${"#".repeat(Math.round(average / 10))}`,
  );
  lengths = [];
}
