// Deep Q-learning (Mnih et al. 2015) on the cart and pole: a replay buffer, a target network that follows softly, and a squared error of
// the value of the action that was taken, alone.
import { NN } from "wasmlp";
import { CartPole, randomNumbers } from "./cart-pole.mjs";

const INPUTS = 4,
  ACTIONS = 2;
/** bench/dqn_twin.py trains by the same. */
export const settings = {
  hidden: [64, 64],
  learningRate: 1e-3,
  discount: 0.98,
  batch: 64,
  buffer: 50_000,
  warmUp: 500,
  target: 0.02,
  scale: [2.4, 2, 0.2, 2], // what positions, velocities, angles and angular velocities are divided by
  explore: { from: 1, to: 0.05, steps: 3000 },
};

/** The last transitions, the oldest of them overwritten. */
class ReplayBuffer {
  #next = 0;
  size = 0;

  constructor(capacity) {
    this.states = new Float32Array(capacity * INPUTS);
    this.nextStates = new Float32Array(capacity * INPUTS);
    this.actions = new Uint8Array(capacity);
    this.fell = new Uint8Array(capacity);
  }

  add(state, action, nextState, fell) {
    const at = this.#next;
    this.states.set(state, at * INPUTS);
    this.nextStates.set(nextState, at * INPUTS);
    this.actions[at] = action;
    this.fell[at] = Number(fell);
    this.#next = (at + 1) % this.actions.length;
    this.size = Math.max(this.size, at + 1);
  }
}

const better = (values, at = 0) => Number(values[at + 1] > values[at]);

/** Trains for so many steps. @returns {{ step: number, length: number }[]} each episode's last step and its length */
export function train({ seed, steps, onEpisode = () => undefined }) {
  const { hidden, learningRate, discount, batch, buffer: capacity, warmUp, target: tau, explore, scale } = settings;
  const random = randomNumbers(seed);
  const world = new CartPole(random);
  const layers = hidden.map((units) => ({ units, activation: "relu", initializer: "heUniform" }));
  const nn = new NN({
    layers: [INPUTS, ...layers, ACTIONS],
    loss: "meanSquaredError",
    learningRate,
    inputScaling: { shift: [0, 0, 0, 0], scale },
    seed,
    reproducible: true,
  });
  const target = nn.clone();
  const buffer = new ReplayBuffer(capacity);
  const [states, nextStates] = [new Float32Array(batch * INPUTS), new Float32Array(batch * INPUTS)];
  const [ownValues, nextValues] = [new Float32Array(batch * ACTIONS), new Float32Array(batch * ACTIONS)];
  const sample = new Uint32Array(batch);

  /** One optimiser step on a sample of the buffer. */
  function learn() {
    for (let row = 0; row < batch; row++) {
      const at = (sample[row] = Math.floor(random() * buffer.size));
      states.set(buffer.states.subarray(at * INPUTS, (at + 1) * INPUTS), row * INPUTS);
      nextStates.set(buffer.nextStates.subarray(at * INPUTS, (at + 1) * INPUTS), row * INPUTS);
    }
    nn.predict(nextStates, ownValues);
    target.predict(nextStates, nextValues);
    nn.partialFit(states, (outputs, gradient) => {
      let loss = 0;
      sample.forEach((at, row) => {
        // The network picks the next action, its target values it (double Q-learning): the largest of noisy values is too large.
        const best = nextValues[row * ACTIONS + better(ownValues, row * ACTIONS)];
        const wanted = 1 + (buffer.fell[at] ? 0 : discount * best);
        const taken = row * ACTIONS + buffer.actions[at];
        const error = outputs[taken] - wanted;
        loss += error ** 2 / batch;
        gradient[taken] = (2 * error) / batch; // the gradient of every other output stays 0
      });
      return loss;
    });
    target.blend(nn, tau);
  }

  const episodes = [];
  let state = world.reset();
  for (let step = 1, began = 0; step <= steps; step++) {
    const chance = Math.max(explore.to, explore.from + (explore.to - explore.from) * (step / explore.steps));
    const action = random() < chance ? Math.floor(random() * ACTIONS) : better(nn.predict(state));
    const { state: next, fell, done } = world.step(action);
    buffer.add(state, action, next, fell);
    state = next;
    if (step >= warmUp) learn();
    if (!done) continue;
    episodes.push({ step, length: step - began });
    onEpisode(episodes);
    began = step;
    state = world.reset();
  }
  return episodes;
}

/** The mean length of episodes that ended in each `width` steps. */
export const curve = (episodes, steps, width) =>
  Array.from({ length: steps / width }, (_, i) => {
    const lengths = episodes.filter(({ step }) => Math.ceil(step / width) === i + 1).map(({ length }) => length);
    return lengths.length ? lengths.reduce((sum, length) => sum + length) / lengths.length : NaN;
  });

if (import.meta.filename === process.argv[1]) {
  // With longer training, values occasionally diverge and recover: bench/results/dqn.json.
  const steps = Number(process.argv[2] ?? 4000),
    width = 500;
  const started = performance.now();
  const episodes = train({ seed: 1, steps });
  console.log("steps   mean length of an episode, of at most 500");
  curve(episodes, steps, width).forEach((mean, i) => {
    console.log(`${String((i + 1) * width).padStart(6)}  ${mean.toFixed(0).padStart(4)}  ${"#".repeat(Math.round(mean / 10))}`);
  });
  console.log(`${episodes.length} episodes in ${((performance.now() - started) / 1000).toFixed(1)} s`);
}
