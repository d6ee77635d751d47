// The reader's view of a graph's values: constants, classes, or rows at some point of the network.
import type { Activation } from "../../index.js";
import { scalarOf, type Constant } from "./constants.js";
import { activationOf, add, constant, multiply, type Expression } from "./expressions.js";

/** A dense layer, from Gemm or MatMul. */
export interface Dense {
  /** inputs × units. */
  readonly kernel: Constant;
  readonly bias?: Constant | undefined;
  readonly alpha: number;
  readonly beta: number;
  /** The layer's inputs. */
  readonly from: Flow;
  readonly node: string;
}

export type Operator = "Add" | "Sub" | "Mul" | "Div";

/** `inner` `op` operand, column by column. */
export interface Step {
  readonly op: Operator;
  readonly operand: Constant;
  readonly inner: Flow;
  readonly node: string;
}

/** Rows: a function of a dense layer's sums, or of the network's inputs. */
export interface Flow {
  /** Undefined for the network's inputs. */
  readonly dense: Dense | undefined;
  /** The function, if it is the same for every column and not too large. */
  readonly expression: Expression | undefined;
  /** The last operation, if it was one with a constant. */
  readonly step?: Step | undefined;
  readonly node: string;
}

export interface Value {
  readonly flow?: Flow;
  readonly constant?: Constant;
  /** For classes: the rows that they are of. */
  readonly classesOf?: Flow;
}

/** `flow` `op` a constant. */
export function apply(op: Operator, flow: Flow, operand: Constant, node: string): Flow {
  const number = scalarOf(operand);
  const other = constant(op === "Div" ? 1 / number! : number!);
  const combine = op === "Mul" || op === "Div" ? multiply : add;
  const isScalar = number !== undefined && flow.expression;
  const expression = isScalar ? combine(isScalar, other, op === "Sub" ? -1 : 1) : undefined;
  return { dense: flow.dense, expression, step: { op, operand, inner: flow, node }, node };
}

/** The maximum number of steps; a scaler has two, or four from some exporters. */
const MOST_STEPS = 8;

/** The activation of a flow, and the steps after it in order. Undefined if the activation is unknown. */
export function resolve(flow: Flow): { activation: Activation; steps: Step[] } | undefined {
  const steps: Step[] = [];
  for (let at = flow; steps.length < MOST_STEPS; at = at.step.inner) {
    const activation = activationOf(at.expression);
    if (activation) return { activation, steps };
    if (!at.step) return undefined;
    steps.unshift(at.step);
  }
  return undefined;
}

export interface Scale {
  readonly shift: number[];
  readonly scale: number[];
}

const INVERSE = { Add: "Sub", Sub: "Add", Mul: "Div", Div: "Mul" } as const;

/** The scaler whose inverse, value · scale + shift, the steps compute; with `inverted`, the one that they compute, (value − shift) / scale. */
export function scalerOf(steps: readonly Step[], columns: number, inverted: boolean): Scale | undefined {
  const [shift, scale] = [Array<number>(columns).fill(0), Array<number>(columns).fill(1)];
  for (const {
    op,
    operand: { data },
  } of inverted ? steps.toReversed() : steps) {
    if (data.length !== 1 && data.length !== columns) return undefined;
    const operation = inverted ? INVERSE[op] : op;
    for (let c = 0; c < columns; c++) {
      const number = data[data.length === 1 ? 0 : c];
      if (operation === "Add") shift[c] += number;
      else if (operation === "Sub") shift[c] -= number;
      else for (const list of [shift, scale]) list[c] = operation === "Mul" ? list[c] * number : list[c] / number;
    }
  }
  return scale.every((x) => x > 0 && x < Infinity) && shift.every(Number.isFinite) ? { shift, scale } : undefined;
}
