// One suite, run by the project `node` in Node and by `chromium` in a real browser: *.node.test.ts needs Node (files,
// processes), *.browser.test.ts needs a page. The project `smoke` opens the built library in every browser there is, and plays with
// the built playground.
import { playwright } from "@vitest/browser-playwright";
import { configDefaults, defineConfig } from "vitest/config";
import { CHROMIUM_ARGUMENTS, requireBrowser } from "./scripts/find-browser.mjs";

const include = ["test/**/*.test.ts"];
const smoke = ["test/browser/smoke.node.test.ts", "test/playground/**/*.smoke.test.ts"];
/**
 * `npm test` tries a sample of each sweep, and in Chromium the suites whose outcome depends on the engine; with WASMLP_TESTS=all, as in
 * .ci/run, every sweep is whole and every suite runs in Chromium. Tests learn it from test/sampling.ts.
 */
const all = process.env["WASMLP_TESTS"] === "all";
/** What a browser may do otherwise than Node: a page's own platform, arithmetic and its builds, workers and shared memory, and bytes. */
const inBrowser = [
  "test/**/*.browser.test.ts",
  "test/reproducible/**/*.test.ts",
  ...[
    "engine/agreement",
    "engine/gradients",
    "engine/limits",
    "engine/outputs",
    "engine/slices",
    "kernels",
    "random",
    "trajectories",
    "threads/fit-async",
    "threads/meanwhile",
    "threads/same-bits",
    "threads/many-runs",
    "threads/stream-scalers",
    "formats/round-trip",
    "onnx/round-trip",
    "progress",
  ].map((name) => `test/${name}.test.ts`),
];

export default defineConfig({
  test: {
    provide: { all },
    setupFiles: "test/setup.ts",
    // Machines that run tests are slow at times; a hang still ends.
    testTimeout: 600_000,
    hookTimeout: 600_000,
    // By default one core is left idle, of two the half.
    maxWorkers: "100%",
    projects: [
      {
        extends: true,
        test: { name: "node", include, exclude: [...configDefaults.exclude, "**/*.browser.test.ts", ...smoke] },
      },
      {
        extends: true,
        test: { name: "smoke", include: smoke, globalSetup: "test/playground/build.ts" },
      },
      {
        extends: true,
        // With these headers the page may share memory between threads.
        server: { headers: { "Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Embedder-Policy": "require-corp" } },
        optimizeDeps: { include: ["fast-check"] },
        test: {
          name: "chromium",
          include: all ? include : inBrowser,
          exclude: [...configDefaults.exclude, "**/*.node.test.ts", ...smoke],
          browser: {
            enabled: true,
            headless: true,
            screenshotFailures: false,
            provider: playwright({
              launchOptions: {
                // Asked for only when a browser is started: `vitest --project node` does without.
                get executablePath() {
                  return requireBrowser("chromium");
                },
                args: CHROMIUM_ARGUMENTS,
              },
            }),
            instances: [{ browser: "chromium" }],
          },
        },
      },
    ],
  },
});

declare module "vitest" {
  export interface ProvidedContext {
    /** Whether sweeps are to be whole. */
    all: boolean;
  }
}
