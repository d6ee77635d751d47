// Recognises activations in arithmetic. An expression in z, a layer's sums, is a polynomial over z and function calls, so that the many
// ways to write a formula, such as 0.5·z·(1 + tanh …) and z·(0.5 + 0.5·tanh …), have the same normal form.
import type { Activation } from "../../index.js";

/** Maps products of atoms to their coefficients; the empty product is the constant term. Atoms are z and calls such as Tanh(z). */
export type Expression = ReadonlyMap<string, number>;

/** The maximum number of terms, more than any activation needs: each node of a malicious graph could double an expression. */
const MOST_TERMS = 6;
const LONGEST = 250;

const BETWEEN = "\n";
export const Z: Expression = new Map([["z", 1]]);
export const constant = (value: number): Expression => new Map(value ? [["", value]] : []);

/** a + factor·b; undefined if it is too large. */
export const add = (a: Expression, b: Expression, factor = 1): Expression | undefined =>
  sumOf([...a, ...[...b].map(([product, coefficient]) => [product, factor * coefficient] as const)]);

export const multiply = (a: Expression, b: Expression, factor = 1): Expression | undefined =>
  sumOf(
    [...a].flatMap(([left, x]) =>
      [...b].map(([right, y]) => {
        const atoms = [...left.split(BETWEEN), ...right.split(BETWEEN)].filter(Boolean);
        return [atoms.sort().join(BETWEEN), factor * x * y] as const;
      }),
    ),
  );

function sumOf(terms: readonly (readonly [product: string, coefficient: number])[]): Expression | undefined {
  const sum = new Map<string, number>();
  for (const [product, coefficient] of terms) {
    const total = (sum.get(product) ?? 0) + coefficient;
    if (total) sum.set(product, total);
    else sum.delete(product);
  }
  return bounded(sum);
}

/** A function call, with arguments in the form of `show`, sorted: all functions here are symmetric. */
export const call = (name: string, args: readonly string[]): Expression | undefined =>
  bounded(new Map([[`${name}(${args.toSorted().join(",")})`, 1]]));

const bounded = (expression: Expression): Expression | undefined =>
  expression.size <= MOST_TERMS && show(expression).length <= LONGEST ? expression : undefined;

/** Five digits distinguish constants, and are the same after rounding to float32. */
export const show = (expression: Expression): string =>
  [...expression]
    .map(([product, coefficient]) => {
      const atoms = product.replaceAll(BETWEEN, "*");
      const number = Number(coefficient.toPrecision(5));
      return number === 1 && atoms ? atoms : atoms ? `${number}*${atoms}` : `${number}`;
    })
    .sort()
    .join("+") || "0";

/** Activations in the forms that exporters write: as one operator or several. */
const KNOWN: Readonly<Record<string, Activation>> = {
  "z": "linear",
  "Sigmoid(z)": "sigmoid",
  "Reciprocal(1+Exp(-1*z))": "sigmoid",
  "Tanh(z)": "tanh",
  "Relu(z)": "relu",
  "Max(0,z)": "relu",
  "LeakyRelu(z)": "leakyRelu",
  "LeakyRelu(alpha=0.01,z)": "leakyRelu",
  "Max(0.01*z,z)": "leakyRelu",
  "Elu(z)": "elu",
  "Elu(alpha=1,z)": "elu",
  "Exp(Min(0,z))*Tanh(0.5*Min(0,z))+Relu(z)+Tanh(0.5*Min(0,z))": "elu",
  "Softplus(z)": "softplus",
  "Log(1+Exp(z))": "softplus",
  "Log(1+Exp(-1*Abs(z)))+Relu(z)": "softplus",
  "Sigmoid(z)*z": "swish",
  "Reciprocal(1+Exp(-1*z))*z": "swish",
  "Swish(z)": "swish",
  "Swish(alpha=1,z)": "swish",
  "0.5*Tanh(0.035677*z*z*z+0.79788*z)*z+0.5*z": "gelu",
  "Gelu(approximate=tanh,z)": "gelu",
  "Softmax(z)": "softmax",
  "Softmax(axis=-1,z)": "softmax",
  "Softmax(axis=1,z)": "softmax",
};

export const activationOf = (expression: Expression | undefined): Activation | undefined =>
  expression && Object.hasOwn(KNOWN, show(expression)) ? KNOWN[show(expression)] : undefined;
