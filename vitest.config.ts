// One suite, run by the project `node` in Node and by `chromium` in a real browser: *.node.test.ts needs Node (files,
// processes), *.browser.test.ts needs a page. The project `smoke` opens the built library in every browser there is, and plays with
// the built playground.
import { playwright } from "@vitest/browser-playwright";
import { configDefaults, defineConfig } from "vitest/config";
import { requireBrowser } from "./scripts/find-browser.mjs";

const include = ["test/**/*.test.ts"];
const smoke = ["test/browser/smoke.node.test.ts", "test/playground/**/*.smoke.test.ts"];
/** Root may not use Chromium's sandbox; the rest keeps it from calling home. */
const args = [
  ...(process.getuid?.() === 0 ? ["--no-sandbox"] : []),
  "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync",
];

export default defineConfig({
  test: {
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
          include,
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
                args,
              },
            }),
            instances: [{ browser: "chromium" }],
          },
        },
      },
    ],
  },
});
