// Builds the playground once before its tests, as `npm run playground:build` does, and tells them where it is.
import { fileURLToPath } from "node:url";
import { build } from "vite";
import type { TestProject } from "vitest/node";

declare module "vitest" {
  export interface ProvidedContext {
    /** The folder that the built playground is in. */
    playground: string;
  }
}

export default async function setup(project: TestProject): Promise<void> {
  await build({ configFile: fileURLToPath(new URL("../../playground/vite.config.ts", import.meta.url)), logLevel: "error" });
  project.provide("playground", fileURLToPath(new URL("../../build/playground", import.meta.url)));
}
