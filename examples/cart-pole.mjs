// The cart and pole of Barto, Sutton and Anderson (1983), with the constants and limits of Gymnasium's CartPole-v1: a pole stands on a
// cart that is pushed left (0) or right (1) every 20 ms. Each step is worth 1; an episode ends when the pole falls, the cart leaves the
// track, or 500 steps are done.

const GRAVITY = 9.8,
  POLE_MASS = 0.1,
  TOTAL_MASS = 1.1,
  HALF_LENGTH = 0.5,
  FORCE = 10,
  SECONDS = 0.02;
const FARTHEST = 2.4,
  STEEPEST = (12 * Math.PI) / 180;
export const LONGEST = 500;

/** Numbers from 0 to below 1 that a seed settles (mulberry32). */
export function randomNumbers(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

export class CartPole {
  #random;
  #state = [0, 0, 0, 0];
  #steps = 0;

  constructor(random) {
    this.#random = random;
  }

  /** Begins an episode. @returns {number[]} the cart's position and velocity, the pole's angle and angular velocity */
  reset() {
    this.#steps = 0;
    this.#state = Array.from({ length: 4 }, () => 0.1 * this.#random() - 0.05);
    return this.#state;
  }

  /** Pushes the cart. @returns {{ state: number[], fell: boolean, done: boolean }} `fell` only when the episode did not end by its length */
  step(action) {
    const [x, velocity, angle, spin] = this.#state;
    const force = action === 1 ? FORCE : -FORCE;
    const [sin, cos] = [Math.sin(angle), Math.cos(angle)];
    const push = (force + POLE_MASS * HALF_LENGTH * spin ** 2 * sin) / TOTAL_MASS;
    const turn = (GRAVITY * sin - cos * push) / (HALF_LENGTH * (4 / 3 - (POLE_MASS * cos ** 2) / TOTAL_MASS));
    const acceleration = push - (POLE_MASS * HALF_LENGTH * turn * cos) / TOTAL_MASS;
    this.#state = [x + SECONDS * velocity, velocity + SECONDS * acceleration, angle + SECONDS * spin, spin + SECONDS * turn];
    this.#steps++;
    const fell = Math.abs(this.#state[0]) > FARTHEST || Math.abs(this.#state[2]) > STEEPEST;
    return { state: this.#state, fell, done: fell || this.#steps >= LONGEST };
  }
}
