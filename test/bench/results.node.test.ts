// Files of results: their names, their text, and which of them a page shows.
import { describe, expect, it } from "vitest";
import { compact, newest, resultName } from "../../bench/results.mjs";
import { MACHINE, results } from "./support.js";

describe("resultName", () => {
  const name = (more: object, machine: object = {}) =>
    resultName({ kind: "workloads", dtype: "float32", ...more, machine: { ...MACHINE, ...machine } });

  it("tells runs apart that must not overwrite each other", () => {
    expect(name({})).toBe("2026-01-02-intel-core-i7-1-node24.1.0.json");
    expect(name({ dtype: "float64" })).toBe("2026-01-02-intel-core-i7-1-node24.1.0-float64.json");
    expect(name({ kind: "sweep" })).toBe("sweep-2026-01-02-intel-core-i7-1-node24.1.0.json");
    expect(name({}, { browser: "chromium 140.0" })).toBe("2026-01-02-intel-core-i7-1-chromium140.0.json");
    expect(name({}, { flags: ["--no-liftoff"] })).toBe("2026-01-02-intel-core-i7-1-node24.1.0-no-liftoff.json");
  });
});

describe("compact", () => {
  it("keeps six digits and puts lists of numbers on one line", () => {
    const text = compact({ ms: [1.23456789, 100, -2e-9], names: ["a"] });
    expect(text).toContain('"ms": [1.23457, 100, -2e-9]');
    expect(JSON.parse(text)).toEqual({ ms: [1.23457, 100, -2e-9], names: ["a"] });
  });
});

describe("newest", () => {
  const saved = (machine: object, dtype = "float32", kind = "workloads") => ({
    source: JSON.stringify([machine, dtype, kind]),
    results: { ...results([], machine, dtype), kind },
  });
  const later = { date: "2026-02-01T00:00:00.000Z" };
  const all = [
    saved({ ...later, node: "26.0.0" }),
    saved({ ...later, browser: "chromium 140" }),
    saved({ ...later, flags: ["--x"] }),
    saved({ node: "24.2.0" }),
    saved({ node: "24.1.0" }),
    saved({ node: "20.1.0" }, "float64"),
    saved({ node: "20.0.0" }, "float32", "peers"),
  ];
  const node = (wanted: Parameters<typeof newest>[1]) => newest(all, wanted)?.results.machine.node;

  it("is the first in Node 24, else the first of its kind", () => {
    expect(node({ dtype: "float32" })).toBe("24.2.0");
    expect(node({ dtype: "float64" })).toBe("20.1.0");
    expect(node({ kind: "peers" })).toBe("20.0.0");
    expect(node({ kind: "sweep" })).toBe(undefined);
  });

  it("is of the Node or the browser that was asked for, never another", () => {
    expect(node({ node: "26" })).toBe("26.0.0");
    expect(node({ node: "22" })).toBe(undefined);
    expect(newest(all, { browser: true })?.results.machine.browser).toBe("chromium 140");
  });
});
