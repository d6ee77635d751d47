// Builds the playground once before its tests, as `npm run playground:build` does, trains the network that they load, and tells
// them where both are.
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "vite";
import type { TestProject } from "vitest/node";
import { trainDigits } from "./digits-model.js";

declare module "vitest" {
  export interface ProvidedContext {
    /** The folder that the built playground is in. */
    playground: string;
    /** The file of a network that reads digits. */
    digitsModel: string;
  }
}

export default async function setup(project: TestProject): Promise<void> {
  await build({ configFile: fileURLToPath(new URL("../../playground/vite.config.ts", import.meta.url)), logLevel: "error" });
  project.provide("playground", fileURLToPath(new URL("../../build/playground", import.meta.url)));
  const model = fileURLToPath(new URL("../../build/digits-model.safetensors", import.meta.url));
  writeFileSync(model, trainDigits());
  project.provide("digitsModel", model);
}
