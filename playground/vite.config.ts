// The playground's pages: served while one works on them, or built into build/playground, for any folder of any server.
import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";
import { mnist } from "./digits/mnist-plugin.js";

/** With these a page may share memory between threads; the built files also work where a server does not send them. */
const headers = { "Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Embedder-Policy": "require-corp" };

export default defineConfig({
  root: fileURLToPath(new URL(".", import.meta.url)),
  base: "./",
  plugins: [mnist()],
  server: { headers, fs: { allow: [".."] } },
  preview: { headers },
  worker: { format: "es" },
  build: {
    outDir: "../build/playground",
    emptyOutDir: true,
    target: "es2022",
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
  },
});
