// What each function should return for a float32, in float64, and one unit of its error. V8's Math.exp, expm1, log and log1p are fdlibm's,
// within 1 ulp of float64; every formula here keeps the relative error below 1e-12, which is 2e-5 ulp of float32.
//
// Most float32 numbers are tiny or huge. For those the functions are a few terms of their series, or constant, which takes a tenth of the time;
// `checkShortcuts` compares both ways where they meet.
const { exp, expm1, log, log1p, abs, sqrt, PI, SQRT1_2 } = Math;

/** Below this, series of three terms leave a relative error of at most 2e-15. */
const TINY = 2 ** -13;
/** From here on every function but log is at its limit in float32. */
const HUGE = 128;
const GELU = 2 * sqrt(2 / PI);

/** 1 / (1 + e^−w), without cancellation on either side. */
const sigmoid = (w) => (w < 0 ? exp(w) / (1 + exp(w)) : 1 / (1 + exp(-w)));
const geluArgument = (x) => GELU * (x + 0.044715 * x * x * x);

const cube = (x) => x * x * x;

/**
 * @typedef {object} Swept
 * @property {string} formula
 * @property {string} domain in words
 * @property {(x: number) => boolean} [takes] whether x belongs to the domain; all numbers without it
 * @property {(x: number) => number} exact
 * @property {(x: number) => number} [tiny] the same for |x| < TINY
 * @property {(x: number) => number} [huge] the same for |x| ≥ HUGE
 * @property {"result" | "argument" | "max(result, 1)" | "swish"} [unit] whose last place the error is measured in
 * @property {number} bound the contract: ulp
 */

/** @type {Record<string, Swept>} */
export const FUNCTIONS = {
  exp: {
    formula: "e^x",
    domain: "0 or less",
    takes: (x) => x <= 0,
    bound: 1.5,
    exact: exp,
    tiny: (x) => 1 + x + (x * x) / 2,
    huge: () => 0,
  },
  expm1: {
    formula: "e^x − 1",
    domain: "0 or less",
    takes: (x) => x <= 0,
    bound: 2,
    exact: expm1,
    tiny: (x) => x + (x * x) / 2 + cube(x) / 6,
    huge: () => -1,
  },
  log1p: {
    formula: "log(1 + x)",
    domain: "0 … 1",
    takes: (x) => x >= 0 && x <= 1,
    bound: 3,
    exact: log1p,
    tiny: (x) => x - (x * x) / 2 + cube(x) / 3,
  },
  log: {
    formula: "log x",
    domain: "normal, above 0",
    takes: (x) => x >= 2 ** -126 && x < Infinity,
    unit: "max(result, 1)",
    bound: 3,
    exact: log,
  },
  sigmoid: {
    formula: "1 / (1 + e^−x)",
    domain: "all",
    bound: 3,
    exact: sigmoid,
    tiny: (x) => 0.5 + x / 4 - cube(x) / 48,
    huge: (x) => (x < 0 ? 0 : 1),
  },
  tanh: {
    formula: "tanh x",
    domain: "all",
    bound: 3,
    exact: (x) => {
      const e = expm1(-2 * abs(x));
      return x < 0 ? e / (2 + e) : -e / (2 + e);
    },
    tiny: (x) => x - cube(x) / 3,
    huge: (x) => (x < 0 ? -1 : 1),
  },
  elu: {
    formula: "x, or e^x − 1 where x < 0",
    domain: "all",
    bound: 2,
    exact: (x) => (x < 0 ? expm1(x) : x),
    tiny: (x) => (x < 0 ? x + (x * x) / 2 + cube(x) / 6 : x),
    huge: (x) => (x < 0 ? -1 : x),
  },
  softplus: {
    formula: "log(1 + e^x)",
    domain: "all",
    bound: 4,
    exact: (x) => (x > 0 ? x + log1p(exp(-x)) : log1p(exp(x))),
    tiny: (x) => Math.LN2 + x / 2 + (x * x) / 8,
    huge: (x) => (x < 0 ? 0 : x),
  },
  swish: {
    formula: "x·σ(x)",
    domain: "all",
    unit: "swish",
    bound: 4,
    exact: (x) => x * sigmoid(x),
    tiny: (x) => x / 2 + (x * x) / 4,
    huge: (x) => (x < 0 ? 0 : x),
  },
  gelu: {
    formula: "x·σ(2√(2/π)·(x + 0.044715·x³))",
    domain: "all",
    unit: "argument",
    bound: 4,
    exact: (x) => x * sigmoid(geluArgument(x)),
    tiny: (x) => x * (0.5 + geluArgument(x) / 4),
    huge: (x) => (x < 0 ? 0 : x),
  },
};

/** Which way of a function's oracle is the shortest that x allows. */
export function wayOf({ tiny, huge }, x) {
  const size = abs(x);
  return tiny && size < TINY ? "tiny" : huge && size >= HUGE ? "huge" : "exact";
}

/** The oracle's value, by that way. */
export const oracleOf = (each) => (x) => each[wayOf(each, x)](x);

const bits = new Float64Array(1);
const words = new Uint32Array(bits.buffer);

/** The distance between the float32 numbers around x. */
export function ulp(x) {
  bits[0] = x;
  const exponent = ((words[1] >>> 20) & 0x7ff) - 1023;
  return ULPS[(exponent < -126 ? -126 : exponent) + 126];
}
const ULPS = Float64Array.from({ length: 256 }, (_, i) => 2 ** (i - 126 - 23));

/** One unit of a function's error at x, where it should return `expected`. */
export function unitOf(unit, x, expected) {
  if (unit === "argument") return ulp(x);
  if (unit === "max(result, 1)") return ulp(abs(expected) > 1 ? expected : 1);
  // x times the smallest number, too: that is how finely σ(x) is known.
  if (unit === "swish") return ulp(expected) + abs(x) * 2 ** -149;
  return ulp(expected);
}

/** Compares the short ways with the long one, on both sides of where they meet. */
export function checkShortcuts() {
  for (const [name, { takes = () => true, exact, tiny, huge, unit }] of Object.entries(FUNCTIONS)) {
    for (let i = 0; i < 4000; i++) {
      for (const sign of [1, -1]) {
        for (const [short, size] of [
          [tiny, Math.fround(TINY / (1 + i / 8 + SQRT1_2))],
          [huge, HUGE + i / 8],
        ]) {
          const x = sign * size;
          if (!short || !takes(x)) continue;
          const [a, b] = [short(x), exact(x)];
          if (!(abs(a - b) <= 1e-5 * unitOf(unit, x, b)))
            throw new Error(`${name}(${x}) is ${a} by the short way, ${b} by the long one`);
        }
      }
    }
  }
}
