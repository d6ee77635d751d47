// Curves over a common x, drawn by uPlot in the page's colours, with a legend that shows the newest values.
import uPlot from "uplot";
import { onResize } from "./canvas.js";
import { h, setText } from "./dom.js";
import { color, onThemeChange } from "./theme.js";

export interface Curve {
  readonly label: string;
  /** A custom property: "--blue". */
  readonly color: string;
  readonly dashed?: boolean;
}

export interface CurvesOptions {
  /** What is to be seen, for those who cannot see it. */
  readonly title: string;
  readonly x: string;
  readonly curves: readonly Curve[];
  readonly format: (value: number) => string;
  /** How the y axis writes its numbers, where that differs. */
  readonly tick?: (value: number) => string;
  readonly height?: number;
  /** The ends of the y axis; where one is missing it follows the values. */
  readonly low?: number;
  readonly high?: number;
}

/** As uPlot wants it: xs, then a list a curve; null where there is no value. */
export type Columns = readonly (readonly (number | null)[])[];

/** Distances of the x axis's ticks: there is no half an epoch. */
const WHOLE_NUMBERS = [1, 10, 100, 1e3, 1e4, 1e5, 1e6, 1e7].flatMap((power) => [power, 2 * power, 5 * power]);

export class Curves {
  readonly element: HTMLElement;
  readonly #options: CurvesOptions;
  readonly #plot: uPlot;
  readonly #values: HTMLElement[] = [];
  #columns: Columns;

  constructor(options: CurvesOptions) {
    this.#options = options;
    const { curves, height = 180 } = options;
    this.#columns = Array.from({ length: curves.length + 1 }, () => []);
    const host = h("div", { class: "curves-plot", style: `height:${height}px`, role: "img", "aria-label": options.title });
    const legend = h(
      "div",
      { class: "legend" },
      ...curves.map((curve) => {
        const value = h("b", {}, "–");
        this.#values.push(value);
        return h(
          "span",
          { class: `key${curve.dashed ? " dashed" : ""}`, style: `--key: var(${curve.color})` },
          curve.label,
          " ",
          value,
        );
      }),
    );
    this.element = h("div", { class: "curves" }, legend, host);
    this.#plot = new uPlot(this.#plotOptions(height), this.#columns as uPlot.AlignedData, host);
    onResize(host, () => {
      if (host.clientWidth > 0) this.#plot.setSize({ width: host.clientWidth, height });
    });
    onThemeChange(() => this.#plot.redraw());
  }

  /** Shows these columns; a copy is not made. */
  update(columns: Columns): void {
    this.#columns = columns;
    this.#plot.setData(columns as uPlot.AlignedData);
    this.#showValues(columns[0].length - 1);
    this.#plot.root.parentElement!.setAttribute("aria-label", `${this.#options.title}. ${this.#describe()}`);
  }

  #describe(): string {
    const last = this.#columns[0].at(-1);
    if (last === undefined) return "No values yet.";
    const values = this.#options.curves.map(({ label }, i) => `${label} ${this.#values[i].textContent}`);
    return `At ${this.#options.x} ${last}: ${values.join(", ")}.`;
  }

  /** The values of one point in the legend. */
  #showValues(index: number): void {
    this.#values.forEach((element, i) => {
      const value = this.#columns[i + 1][index];
      setText(element, value === null || value === undefined ? "–" : this.#options.format(value));
    });
  }

  #plotOptions(height: number): uPlot.Options {
    const { curves, format, tick = format, low, high, x } = this.#options;
    const axis = {
      stroke: () => color("--muted"),
      grid: { stroke: () => color("--line"), width: 1 },
      ticks: { show: false },
      font: '12px system-ui, -apple-system, "Segoe UI", sans-serif',
    };
    return {
      width: 300,
      height,
      padding: [8, 18, 0, 0],
      legend: { show: false },
      cursor: { drag: { x: false, y: false }, y: false, points: { size: 6 } },
      scales: {
        x: { time: false },
        y: { range: (_plot, min, max) => [low ?? min ?? 0, high ?? Math.max(max ?? 1, (low ?? min ?? 0) + 1e-12) * 1.04] },
      },
      axes: [
        {
          ...axis,
          size: 22,
          label: x,
          labelSize: 18,
          labelFont: axis.font,
          labelGap: 0,
          gap: 4,
          space: 60,
          incrs: WHOLE_NUMBERS,
          values: (_plot, ticks) => ticks.map((each) => each.toLocaleString("en")),
        },
        { ...axis, size: 48, gap: 4, space: 28, values: (_plot, ticks) => ticks.map(tick) },
      ],
      series: [
        {},
        ...curves.map((curve): uPlot.Series => ({
          label: curve.label,
          stroke: () => color(curve.color),
          width: 2,
          ...(curve.dashed && { dash: [5, 4] }),
          points: { show: false },
        })),
      ],
      hooks: {
        setCursor: [(plot) => this.#showValues(plot.cursor.idx ?? this.#columns[0].length - 1)],
      },
    };
  }
}
