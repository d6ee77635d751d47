// The derivation in words and numbers: each step with its formula and what comes out for this row.
import type { Child } from "../ui/dom.js";
import { signed } from "../ui/format.js";
import type { Derivation } from "./derivation.js";
import type { Part } from "./network-picture.js";

export interface Step {
  readonly title: string;
  /** Why it is done, in a sentence. */
  readonly why: Child;
  readonly parts: readonly Part[];
  /** Formulas with the numbers of the moment, in the notation of formula.ts. */
  lines(d: Derivation): string[];
  /** Whether the table of all weights belongs to it. */
  readonly table?: boolean;
}

/** A given number, as it was set; a computed one has six places. */
const given = (value: number): string => `[${signed(value, 4).replace(/\.?0+$/, "")}]`;
const found = (value: number): string => `[${signed(value, 6)}]`;
/** Negative factors stand in brackets of their own. */
const factor = (value: number, show = given): string => (value < 0 ? `(${show(value)})` : show(value));
const PLACES = [0, 1] as const;

export const STEPS: readonly Step[] = [
  {
    title: "Add up",
    parts: ["x", "w", "b", "hidden"],
    why: "Each hidden unit weighs the inputs and adds its bias.",
    lines: ({ x, weights: { w, b }, z }) =>
      PLACES.map(
        (j) =>
          `z_${j + 1} = x_1·w_1${j + 1} + x_2·w_2${j + 1} + b_${j + 1} = ` +
          `${factor(x[0])}·${factor(w[0][j])} + ${factor(x[1])}·${factor(w[1][j])} + ${factor(b[j])} = ${found(z[j])}`,
      ),
  },
  {
    title: "Squash",
    parts: ["hidden"],
    why: "The sigmoid turns any sum into a number from 0 to 1.",
    lines: ({ z, a }) =>
      PLACES.map((j) => `a_${j + 1} = σ(z_${j + 1}) = 1 / (1 + e^{−z_${j + 1}}) = σ(${found(z[j])}) = ${found(a[j])}`),
  },
  {
    title: "The same again, for the output",
    parts: ["hidden", "v", "c", "out"],
    why: "The hidden units’ outputs are the output unit’s inputs. What it says is the prediction y.",
    lines: ({ a, weights: { v, c }, zOut, y }) => [
      `z = a_1·v_1 + a_2·v_2 + c = ${found(a[0])}·${factor(v[0])} + ${found(a[1])}·${factor(v[1])} + ${factor(c)} = ${found(zOut)}`,
      `y = σ(z) = ${found(y)}`,
    ],
  },
  {
    title: "How wrong is it?",
    parts: ["out", "t"],
    why: "The cost is half the square of the error.",
    lines: ({ t, y, cost }) => [`t − y = ${given(t)} − ${found(y)} = ${found(t - y)}`, `C = ½(t − y)^2 = ${found(cost)}`],
  },
  {
    title: "Blame the output",
    parts: ["out", "t"],
    why: "δ is how the cost changes with the sum z: the error, times the sigmoid’s slope y(1 − y).",
    lines: ({ t, y, deltaOut }) => [
      `δ = (y − t)·y(1 − y) = (${found(y)} − ${given(t)})·${found(y)}·(1 − ${found(y)}) = ${found(deltaOut)}`,
    ],
  },
  {
    title: "Pass the blame back",
    parts: ["hidden", "v", "out"],
    why: "A hidden unit is to blame by the weight through which it spoke, times its own slope. This is the “back” of backpropagation.",
    lines: ({ weights: { v }, a, deltaOut, delta }) =>
      PLACES.map(
        (j) =>
          `δ_${j + 1} = δ·v_${j + 1}·a_${j + 1}(1 − a_${j + 1}) = ` +
          `${factor(deltaOut, found)}·${factor(v[j])}·${found(a[j])}·(1 − ${found(a[j])}) = ${found(delta[j])}`,
      ),
  },
  {
    title: "The slope of every weight, and the step",
    parts: ["w", "v", "b", "c"],
    table: true,
    why:
      "A weight’s slope is what came in through it, times the δ it leads to. Each weight goes a little against its slope: " +
      "the learning rate η says how far.",
    lines: ({ x, a, deltaOut, delta, gradient, rate, weights, next }) => [
      `∂C/∂v_1 = a_1·δ = ${found(a[0])}·${factor(deltaOut, found)} = ${found(gradient.v[0])}`,
      `∂C/∂w_11 = x_1·δ_1 = ${factor(x[0])}·${factor(delta[0], found)} = ${found(gradient.w[0][0])}`,
      `v_1 ← v_1 − η·∂C/∂v_1 = ${given(weights.v[0])} − ${given(rate)}·${factor(gradient.v[0], found)} = ${found(next.v[0])}`,
    ],
  },
];
