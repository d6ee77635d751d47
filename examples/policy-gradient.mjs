// REINFORCE (Williams 1992) on the cart and pole: after some whole episodes each action is made more or less likely by how much better than
// average the episode went on from there.
import { NN } from "wasmlp";
import { CartPole, randomNumbers } from "./cart-pole.mjs";

const seed = 1,
  rounds = 30,
  episodesPerRound = 8,
  discount = 0.99;
const random = randomNumbers(seed);
const world = new CartPole(random);
// Its last layer is a softmax, so the outputs are the probabilities of the actions. Training uses the loss function below, not this one.
const policy = new NN({
  layers: [4, { units: 32, activation: "tanh" }, 2],
  loss: "categoricalCrossentropy",
  learningRate: 0.01,
  seed,
  reproducible: true,
});

/** Plays an episode. @returns each step's state, its action, and the discounted sum of the rewards from there on */
function play() {
  const steps = [];
  for (let state = world.reset(), done = false; !done;) {
    const action = random() < policy.predict(state)[0] ? 0 : 1;
    steps.push({ state, action, value: 0 });
    ({ state, done } = world.step(action));
  }
  let value = 0;
  for (const step of steps.toReversed()) step.value = value = 1 + discount * value;
  return steps;
}

console.log(`round   mean length of ${episodesPerRound} episodes, of at most 500`);
for (let round = 1; round <= rounds; round++) {
  const steps = Array.from({ length: episodesPerRound }, play).flat();
  const mean = steps.reduce((sum, { value }) => sum + value, 0) / steps.length;
  const deviation = Math.sqrt(steps.reduce((sum, { value }) => sum + (value - mean) ** 2, 0) / steps.length);

  policy.partialFit(
    steps.map(({ state }) => state),
    (probabilities, gradient, rows) => {
      let loss = 0;
      steps.forEach(({ action, value }, row) => {
        const at = 2 * row + action;
        const advantage = (value - mean) / deviation / rows;
        loss -= advantage * Math.log(probabilities[at]);
        gradient[at] = -advantage / probabilities[at];
      });
      return loss;
    },
  );
  const length = steps.length / episodesPerRound;
  if (round % 3 === 0)
    console.log(`${String(round).padStart(5)}  ${length.toFixed(0).padStart(4)}  ${"#".repeat(Math.round(length / 10))}`);
}
