// The derivation for one row: two inputs, two hidden units, one output, sigmoids, half the squared error. Nothing but the
// textbook's formulas (docs/textbook.md), each written once; the page shows beside them what the library computes.

export type Pair = readonly [number, number];

/** A row, a learning rate, and the network's weights. */
export interface Setup {
  readonly x: Pair;
  readonly t: number;
  readonly rate: number;
  readonly weights: TinyWeights;
}

export interface TinyWeights {
  /** w[i][j] leads from input i to hidden unit j. */
  readonly w: readonly [Pair, Pair];
  readonly b: Pair;
  /** From the hidden units to the output. */
  readonly v: Pair;
  readonly c: number;
}

export interface Derivation extends Setup {
  /** Sums and outputs of the hidden units, then of the output. */
  readonly z: Pair;
  readonly a: Pair;
  readonly zOut: number;
  readonly y: number;
  readonly cost: number;
  readonly deltaOut: number;
  readonly delta: Pair;
  /** ∂C/∂ of each weight, in the weights' own shape. */
  readonly gradient: TinyWeights;
  readonly next: TinyWeights;
}

/** The step that docs/textbook.md works by hand. */
export const START: Setup = {
  x: [1, 0.5],
  t: 1,
  rate: 0.5,
  weights: {
    w: [
      [0.2, -0.3],
      [0.4, 0.8],
    ],
    b: [0.1, -0.1],
    v: [0.5, -0.6],
    c: 0.2,
  },
};

export const sigmoid = (z: number): number => 1 / (1 + Math.exp(-z));

export function forward({
  x,
  weights: { w, b, v, c },
}: Pick<Setup, "x" | "weights">): Pick<Derivation, "z" | "a" | "zOut" | "y"> {
  const z: Pair = [x[0] * w[0][0] + x[1] * w[1][0] + b[0], x[0] * w[0][1] + x[1] * w[1][1] + b[1]];
  const a: Pair = [sigmoid(z[0]), sigmoid(z[1])];
  const zOut = a[0] * v[0] + a[1] * v[1] + c;
  return { z, a, zOut, y: sigmoid(zOut) };
}

export const costOf = (y: number, t: number): number => (t - y) ** 2 / 2;

export function derive(setup: Setup): Derivation {
  const { x, t, rate, weights } = setup;
  const { z, a, zOut, y } = forward(setup);
  const deltaOut = (y - t) * y * (1 - y);
  const delta: Pair = [deltaOut * weights.v[0] * a[0] * (1 - a[0]), deltaOut * weights.v[1] * a[1] * (1 - a[1])];
  const gradient: TinyWeights = {
    w: [
      [x[0] * delta[0], x[0] * delta[1]],
      [x[1] * delta[0], x[1] * delta[1]],
    ],
    b: delta,
    v: [a[0] * deltaOut, a[1] * deltaOut],
    c: deltaOut,
  };
  const step = (weight: number, slope: number): number => weight - rate * slope;
  const both = (weight: Pair, slope: Pair): Pair => [step(weight[0], slope[0]), step(weight[1], slope[1])];
  const next: TinyWeights = {
    w: [both(weights.w[0], gradient.w[0]), both(weights.w[1], gradient.w[1])],
    b: both(weights.b, gradient.b),
    v: both(weights.v, gradient.v),
    c: step(weights.c, gradient.c),
  };
  return { ...setup, z, a, zOut, y, cost: costOf(y, t), deltaOut, delta, gradient, next };
}

/** All nine weights in a fixed order, with their names. */
export const WEIGHT_NAMES = ["w_11", "w_12", "w_21", "w_22", "b_1", "b_2", "v_1", "v_2", "c"] as const;
export const flatten = ({ w, b, v, c }: TinyWeights): number[] => [...w[0], ...w[1], ...b, ...v, c];
