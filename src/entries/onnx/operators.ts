// The effect of each operator on rows: layers, arithmetic, and operators without effect. Others are treated as functions, which must
// turn out to be activations when a layer uses the result.
import { ModelFormatError } from "../../index.js";
import { isLine, readConstantNode, scalarOf, type Constant } from "./constants.js";
import { add, call, constant, multiply, show, Z, type Expression } from "./expressions.js";
import { apply, type Flow, type Operator, type Value } from "./flow.js";
import { DOUBLE, FLOAT, type Attribute, type Node } from "./schema.js";

/** A node with its inputs looked up. */
export class Operation {
  readonly node: Node;
  readonly inputs: readonly (Value | undefined)[];
  /** Its name in messages. */
  readonly label: string;

  constructor(node: Node, inputs: readonly (Value | undefined)[]) {
    this.node = node;
    this.inputs = inputs;
    this.label = `node ${JSON.stringify((node.name || node.output[0] || "").slice(0, 80))} (${(node.op ?? "").slice(0, 40)})`;
  }

  refuse(problem: string): never {
    throw new ModelFormatError(`${this.label} ${problem}; this library reads chains of dense layers`);
  }

  flow(i: number): Flow {
    return this.inputs[i]?.flow ?? this.refuse(`takes no rows as input ${i}`);
  }

  constant(i: number): Constant {
    return this.inputs[i]?.constant ?? this.refuse(`takes no constant as input ${i}`);
  }

  attribute(name: string): Attribute | undefined {
    return this.node.attributes.find((each) => each.name === name);
  }

  /** A float or integer attribute, or its default. */
  number(name: string, usual: number): number {
    const found = this.attribute(name);
    return found ? (found.f ?? found.i ?? 0) : usual;
  }

  /** An input of a node within an activation: a function of the same rows as `rows`, or one number. */
  expression(i: number, rows: Flow): Expression | undefined {
    const { flow, constant: numbers } = this.inputs[i] ?? {};
    if (flow && flow.dense !== rows.dense) this.refuse("joins two branches");
    const number = numbers && scalarOf(numbers);
    return flow ? flow.expression : number === undefined ? undefined : constant(number);
  }

  /** Rows after a function. */
  result(rows: Flow, expression: Expression | undefined): Value {
    return { flow: { dense: rows.dense, expression, node: this.label } };
  }
}

type Handler = (operation: Operation) => Value;

const pass: Handler = (operation) => operation.inputs[0] ?? operation.refuse("takes nothing");
const classes: Handler = (operation) => ({ classesOf: operation.flow(0) });

function dense(operation: Operation, from: Flow, kernel: Constant, bias?: Constant, alpha = 1, beta = 1): Value {
  const { dims, dataType } = kernel;
  const isFloat = dataType === FLOAT || dataType === DOUBLE;
  if (dims.length !== 2 || !isFloat) operation.refuse("multiplies by what is no matrix of floats");
  if (bias && bias.data.length !== 1 && (bias.data.length !== dims[1] || bias.dims.at(-1) !== dims[1])) {
    operation.refuse(`adds ${bias.data.length} numbers to ${dims[1]} sums`);
  }
  const node = operation.label;
  return { flow: { dense: { kernel, bias, alpha, beta, from, node }, expression: Z, node } };
}

const transpose = (given: Constant): Constant =>
  given.dims.length === 2 ? { ...given, dims: given.dims.toReversed(), transposed: !given.transposed } : given;

const gemm: Handler = (operation) => {
  if (operation.number("transA", 0)) operation.refuse("has transA");
  const kernel = operation.constant(1);
  return dense(
    operation,
    operation.flow(0),
    operation.number("transB", 0) ? transpose(kernel) : kernel,
    operation.inputs[2] && operation.constant(2),
    operation.number("alpha", 1),
    operation.number("beta", 1),
  );
};

function inverse(expression: Expression | undefined): Expression | undefined {
  return expression && call("Reciprocal", [show(expression)]);
}

/** Add, Sub, Mul and Div: of rows and numbers, or inside an activation. */
const arithmetic =
  (op: Operator): Handler =>
  (operation) => {
    const [a, b] = operation.inputs;
    const isSymmetric = op === "Add" || op === "Mul";
    const rows = a?.flow ?? operation.flow(1);
    const operand = b?.constant ?? (isSymmetric ? a?.constant : undefined);
    if (operand) {
      const layer = rows.dense;
      // An Add after a MatMul is a bias.
      const isBias = op === "Add" && layer && !layer.bias && rows.expression === Z;
      if (isBias) return dense(operation, layer.from, layer.kernel, operand, layer.alpha);
      if (!isLine(operand)) operation.refuse("computes with a matrix");
      return { flow: apply(op, rows, operand, operation.label) };
    }
    const [left, right] = [operation.expression(0, rows), operation.expression(1, rows)];
    const other = op === "Div" ? inverse(right) : right;
    const combine = op === "Mul" || op === "Div" ? multiply : add;
    return operation.result(rows, left && other && combine(left, other, op === "Sub" ? -1 : 1));
  };

const power: Handler = (operation) => {
  const rows = operation.flow(0);
  const base = operation.expression(0, rows);
  const exponent = scalarOf(operation.constant(1));
  const square = base && multiply(base, base);
  if (exponent === 2) return operation.result(rows, square);
  return exponent === 3 ? operation.result(rows, square && multiply(square, base)) : callOf(operation);
};

/** Any other function of rows, with its attributes. */
const callOf: Handler = (operation) => {
  const rows = operation.inputs.find((input) => input?.flow)?.flow ?? operation.refuse("takes no rows");
  const { op = "", domain, attributes } = operation.node;
  const args = operation.inputs.map((input, i) => {
    const expression = operation.expression(i, rows);
    return expression ? show(expression) : input?.flow ? undefined : "numbers";
  });
  const settings = attributes.map(
    ({ name, f, i = NaN, s }) => `${name}=${s ? String.fromCharCode(...s.subarray(0, 9)) : Number((f ?? i).toPrecision(5))}`,
  );
  const known = args.filter((arg) => arg !== undefined);
  const expression = call(domain ? `${domain}.${op}` : op, [...known, ...settings]);
  return operation.result(rows, known.length < args.length ? undefined : expression);
};

/** Operators that change shapes, which must keep rows. */
const reshape: Handler = (operation) => {
  const [{ flow, constant: given } = {}, shape] = operation.inputs;
  if (given) {
    return isLine(given)
      ? { constant: { ...given, dims: [given.data.length] } }
      : operation.refuse("gives weights another shape");
  }
  const { op } = operation.node;
  if (op === "Flatten" ? operation.number("axis", 1) !== 1 : op !== "Reshape") operation.refuse("gives rows another shape");
  const [rows, columns, ...rest] = shape ? operation.constant(1).data : [-1, -1];
  const units = flow?.dense?.kernel.dims[1] ?? columns;
  const isOther = columns === undefined || rest.length || rows > 0 || (columns > 0 && columns !== units);
  if (isOther) operation.refuse("gives rows another shape");
  return { flow: operation.flow(0) };
};

const HANDLERS: Readonly<Record<string, Handler>> = {
  Gemm: gemm,
  MatMul: (operation) => dense(operation, operation.flow(0), operation.constant(1)),
  Add: arithmetic("Add"),
  Sub: arithmetic("Sub"),
  Mul: arithmetic("Mul"),
  Div: arithmetic("Div"),
  Pow: power,
  Neg: (operation) => {
    const { expression } = operation.flow(0);
    return operation.result(operation.flow(0), expression && multiply(expression, constant(-1)));
  },
  Identity: pass,
  "ai.onnx.ml.ZipMap": pass,
  Dropout: (operation) => {
    const isOn = operation.inputs[2] && scalarOf(operation.constant(2)) !== 0;
    return isOn ? operation.refuse("is in training") : pass(operation);
  },
  Cast: (operation) => {
    const dataType = operation.number("to", 0);
    const given = pass(operation).constant;
    if (given) return { constant: { ...given, dataType } };
    return dataType === FLOAT || dataType === DOUBLE ? pass(operation) : operation.refuse(`casts rows to data type ${dataType}`);
  },
  Flatten: reshape,
  Reshape: reshape,
  Squeeze: reshape,
  Unsqueeze: reshape,
  Transpose: (operation) => {
    const given = operation.constant(0);
    return { constant: operation.attribute("perm")?.ints[0] === 0 ? given : transpose(given) };
  },
  Constant: (operation) => ({ constant: readConstantNode(operation.node.attributes, operation.label) }),
  "ai.onnx.ml.Scaler": (operation) => {
    const list = (name: string): Constant => {
      const data = operation.attribute(name)?.floats ?? [];
      return { dims: [data.length], dataType: FLOAT, data };
    };
    const shifted = apply("Sub", operation.flow(0), list("offset"), operation.label);
    return { flow: apply("Mul", shifted, list("scale"), operation.label) };
  },
  // [1 − p, p], scikit-learn's two columns for one probability.
  Concat: (operation) => {
    const [a, b] = [operation.flow(0), operation.flow(1)];
    const [p, q] = [operation.expression(0, b), b.expression];
    const sum = p && q && add(p, q);
    const isPair = operation.inputs.length === 2 && sum && show(sum) === "1" && a.dense?.kernel.dims[1] === 1;
    if (!isPair) operation.refuse("joins two branches");
    return { flow: b };
  },
  ArgMax: classes,
  Greater: classes,
  GreaterOrEqual: classes,
  Less: classes,
  "ai.onnx.ml.Binarizer": classes,
};

/** The value of a node's first output. */
export function evaluate(operation: Operation): Value {
  // Operations on classes are ignored.
  const found = operation.inputs.find((input) => input?.classesOf);
  const { op = "", domain = "" } = operation.node;
  const name = domain ? `${domain}.${op}` : op;
  return found ?? (Object.hasOwn(HANDLERS, name) ? HANDLERS[name] : callOf)(operation);
}
