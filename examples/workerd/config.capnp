# What `wrangler dev` would write by itself: the bundle, and the WebAssembly modules that it imports.
using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [(name = "main", worker = .worker)],
  sockets = [(name = "http", address = "127.0.0.1:8787", http = (), service = "main")]
);

const worker :Workerd.Worker = (
  compatibilityDate = "2026-01-01",
  modules = [
    (name = "worker.js", esModule = embed "dist/worker.js"),
    (name = "f32-relaxed.wasm", wasm = embed "dist/f32-relaxed.wasm"),
    (name = "f32-simd.wasm", wasm = embed "dist/f32-simd.wasm"),
    (name = "f64-relaxed.wasm", wasm = embed "dist/f64-relaxed.wasm"),
    (name = "f64-simd.wasm", wasm = embed "dist/f64-simd.wasm")
  ]
);
