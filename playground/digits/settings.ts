// The settings of the Digits room, their encoding in a link, and the network that they define.
import { NN } from "../../src/index.js";
import { PIXELS } from "./files.js";

export const HIDDEN = ["none", "32", "128", "256,128"] as const;
export const IMAGES = [10_000, 20_000, 60_000] as const;
export const RATES = [0.0001, 0.0003, 0.001, 0.003, 0.01] as const;
export const BATCHES = [16, 32, 64, 128, 256] as const;
export const DROPOUTS = [0, 0.2, 0.5] as const;

export interface DigitsSettings {
  hidden: (typeof HIDDEN)[number];
  images: (typeof IMAGES)[number];
  rate: (typeof RATES)[number];
  batch: (typeof BATCHES)[number];
  dropout: (typeof DROPOUTS)[number];
}

const CHOICES: { readonly [K in keyof DigitsSettings]: readonly DigitsSettings[K][] } = {
  hidden: HIDDEN,
  images: IMAGES,
  rate: RATES,
  batch: BATCHES,
  dropout: DROPOUTS,
};
export const USUAL: DigitsSettings = { hidden: "128", images: 10_000, rate: 0.001, batch: 32, dropout: 0 };

export function parse(query: URLSearchParams): DigitsSettings {
  const read = <K extends keyof DigitsSettings>(key: K): DigitsSettings[K] =>
    CHOICES[key].find((choice) => String(choice) === query.get(key)) ?? USUAL[key];
  return { hidden: read("hidden"), images: read("images"), rate: read("rate"), batch: read("batch"), dropout: read("dropout") };
}

export function format(settings: DigitsSettings): URLSearchParams {
  const query = new URLSearchParams();
  for (const key of Object.keys(USUAL) as (keyof DigitsSettings)[])
    if (settings[key] !== USUAL[key]) query.set(key, String(settings[key]));
  return query;
}

export function createNetwork({ hidden, rate, dropout }: DigitsSettings): NN {
  const sizes = hidden === "none" ? [] : hidden.split(",").map(Number);
  const inner = sizes.map((units) => ({ units, activation: "relu", initializer: "heNormal", dropout }) as const);
  return new NN({
    layers: [PIXELS, ...inner, 10],
    loss: "categoricalCrossentropy",
    optimizer: { name: "adam", learningRate: rate },
    seed: 1,
  });
}
