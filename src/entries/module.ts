// Writes a network as an ES module that computes its predictions and has no imports.
import type { Activation, NN } from "../index.js";

export interface ModuleOptions {
  /** `true`: TypeScript. Default `false`: JavaScript. */
  types?: boolean;
}

/** f(z) in JavaScript. Linear needs no formula; softmax, over a whole row, is written separately. */
const FORMULAS: Record<Exclude<Activation, "linear" | "softmax">, string> = {
  sigmoid: "1/(1+Math.exp(-z))",
  tanh: "Math.tanh(z)",
  relu: "Math.max(0,z)",
  leakyRelu: "Math.max(.01*z,z)",
  elu: "z<0?Math.expm1(z):z",
  softplus: "Math.max(0,z)+Math.log1p(Math.exp(-Math.abs(z)))",
  swish: "z/(1+Math.exp(-z))",
  gelu: ".5*z*(1+Math.tanh(Math.sqrt(2/Math.PI)*(z+.044715*z*z*z)))",
};

/**
 * Writes an ES module that exports `predict(x)`, which computes the outputs of `nn.predict` for one row, including scaling, in float64; and
 * `labels`, if the network has them. It has no imports and uses no `eval`. Weights have as many digits as their precision needs.
 * @throws TypeError for a value that is not a network, or an unknown option
 * @example
 * await writeFile("model.js", toModule(nn));
 * // elsewhere, with `predict` imported from there:
 * predict([0, 1]); // [0.98…]
 */
export function toModule(nn: NN, options: ModuleOptions = {}): string {
  if (typeof (nn as Partial<NN> | null | undefined)?.getWeights !== "function") throw new TypeError("toModule takes a network");
  const { types = false, ...others } = options;
  for (const other in others) throw new TypeError(`unknown option "${other}"; there is only types`);
  if (typeof types !== "boolean") throw new TypeError(`types is ${String(types)}; it must be true or false`);
  const { layers, dtype } = nn;
  const {
    scalers: { input, target } = {},
    options: { labels },
  } = nn.toJSON();
  const weights = nn.getWeights();
  const digits = dtype === "float32" ? float32Digits : float64Digits;
  const type = (text: string): string => (types ? text : "");
  const scaled = (list: string): string => `.map((v,i)=>${list})`;

  const constants = new Set<string>();
  const lines = [
    `if(x.length!==${layers[0].inputs})throw new RangeError("predict takes ${layers[0].inputs} numbers");`,
    `let a=Array.from(x)${input ? scaled(`(v-${at(input.shift, type)})/${at(input.scale, type)}`) : ""};`,
  ];
  layers.forEach(({ inputs, units, activation }, l) => {
    const { kernel, bias } = weights[l];
    const unit = (_: unknown, j: number): string =>
      `[${digits(bias ? bias[j] : 0)},${Array.from({ length: inputs }, (_, i) => digits(kernel[i * units + j])).join(",")}]`;
    constants.add(`const k${l}=[${Array.from({ length: units }, unit).join(",")}];`);
    const isPlain = activation === "linear" || activation === "softmax";
    if (!isPlain) constants.add(`const ${activation}=(z${type(":number")})=>${FORMULAS[activation]};`);
    lines.push(`a=layer(a,k${l})${isPlain ? "" : `.map(${activation})`};`);
  });
  if (layers.at(-1)!.activation === "softmax") {
    lines.push("const m=a.reduce((m,z)=>Math.max(m,z));", "a=a.map(z=>Math.exp(z-m));");
    lines.push("const s=a.reduce((s,e)=>s+e);", "a=a.map(e=>e/s);");
  }
  lines.push(`return a${target ? scaled(`v*${at(target.scale, type)}+${at(target.shift, type)}`) : ""};`);
  return [
    // A unit's numbers are its bias, then a weight for each input.
    `const layer=(a${type(":number[]")},k${type(":number[][]")})=>` +
      `k.map(w=>a.reduce((s,v,i)=>s+v*w[i+1]${type("!")},w[0]${type("!")}));`,
    ...constants,
    ...(labels === undefined ? [] : [`export const labels=${JSON.stringify(labels)};`]),
    `export function predict(x${type(":ArrayLike<number>")})${type(":number[]")}{`,
    ...lines,
    "}\n",
  ].join("\n");
}

/** The i-th number of an inline list. */
const at = (list: readonly number[], type: (text: string) => string): string =>
  `[${list.map(float64Digits).join(",")}][i]${type("!")}`;

/** The shortest text that parses to the same float64. */
function float64Digits(value: number): string {
  return Object.is(value, -0) ? "-0" : short(value);
}

/** The shortest text that parses, rounded to float32, to the same float32; nine digits always suffice. */
function float32Digits(value: number): string {
  if (Object.is(value, -0)) return "-0";
  let digits = 1;
  while (Math.fround(Number(value.toPrecision(digits))) !== value) digits++;
  return short(Number(value.toPrecision(digits)));
}

/** JavaScript needs no 0 before the point. */
const short = (value: number): string => String(value).replace(/^(-?)0\./, "$1.");
