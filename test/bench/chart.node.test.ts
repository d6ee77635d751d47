// Charts as SVG: scales, order and escaping, read back from the text.
import { describe, expect, it } from "vitest";
import { barChart, lineChart, short } from "../../bench/chart.mjs";

const numbers = (svg: string, pattern: RegExp) => [...svg.matchAll(pattern)].map(([, value]) => Number(value));

/** Every element is closed, in order, and no text holds a bare < or &. */
function expectWellFormed(svg: string) {
  const open: string[] = [];
  for (const [, slash, name, attributes] of svg.matchAll(/<(\/?)([a-zA-Z]+)([^<>]*)>/g)) {
    if (slash) expect(open.pop()).toBe(name);
    else if (!attributes!.endsWith("/")) open.push(name!);
  }
  expect(open).toEqual([]);
  expect(svg.replace(/<[^<>]*>/g, "")).not.toMatch(/[<>]|&(?!amp;|lt;|gt;)/);
}

describe("barChart", () => {
  const svg = barChart({
    title: "A & <B>",
    columns: 1,
    panels: [
      {
        title: "panel",
        bars: [
          { name: "ours", value: 10_000, ours: true },
          { name: "x < y", value: 100 },
          { name: "gone", value: 0, note: "absent" },
        ],
      },
    ],
  });

  it("is well formed for any names", () => {
    expectWellFormed(svg);
    expect(svg).toContain("A &amp; &lt;B&gt;");
  });

  it("gives each power of ten the same length", () => {
    const [ours, theirs] = numbers(svg, /<rect y="[\d.]+" width="([\d.]+)"/g);
    // From 10, below half of 100, to 10,000: the longest fills the panel, and 100 lies one power of three in.
    expect(ours).toBe(300);
    expect(theirs).toBe(100);
  });

  it("gives the reason for a missing bar", () => {
    expect(svg).toContain(">absent</text>");
    expect(svg.match(/<rect y=/g)).toHaveLength(2);
  });
});

describe("lineChart", () => {
  const lines = [
    {
      name: "a",
      points: [
        [1, 10],
        [4, 40],
        [16, 1000],
      ] as [number, number][],
    },
    { name: "b", dashed: true, points: [[1, 100]] as [number, number][] },
  ];

  it("has logarithmic axes unless y has a start", () => {
    const svg = lineChart({
      title: "t",
      panels: [
        { title: "log", xLabel: "x", lines },
        { title: "linear", xLabel: "x", from: 0, to: 1000, lines },
      ],
    });
    expectWellFormed(svg);
    const [log, , linear] = [...svg.matchAll(/<path d="M([^"]+)" fill="none"/g)].map(([, path]) =>
      path!.split("L").map((point) => point.split(" ").map(Number)),
    );
    expect(log).toEqual([
      [0, 220],
      [170, Math.round(2200 * (1 - Math.log10(4) / 2)) / 10],
      [340, 0],
    ]);
    expect(linear).toEqual([
      [0, 217.8],
      [170, 211.2],
      [340, 0],
    ]);
  });

  it("names each line once", () => {
    const svg = lineChart({ title: "t", panels: [1, 2].map(() => ({ title: "p", xLabel: "x", lines })) });
    expect(svg.match(/>a<\/text>/g)).toHaveLength(1);
    expect(svg.match(/stroke-dasharray/g)).toHaveLength(3);
  });
});

describe("short", () => {
  it("keeps three digits and names thousands", () => {
    expect([0.25, 999, 999.9, 1234, 130_000, 20_200_000, 5e9].map(short)).toEqual([
      "0.25",
      "999",
      "1k",
      "1.23k",
      "130k",
      "20.2M",
      "5G",
    ]);
  });
});
