// Charts as SVG text: panels in a grid, of horizontal bars or of lines, each with a logarithmic scale. The background is
// white, so that charts look the same on light and dark pages.

const COLOURS = ["#0072b2", "#d55e00", "#009e73", "#cc79a7"]; // Okabe and Ito's palette, for colour-blind readers
const INK = "#24292f";
const PALE = "#d8dee4";
const QUIET = "#8c959f";
const GAP = 28;

/** @typedef {{ name: string, value: number, ours?: boolean, note?: string }} Bar */
/**
 * A panel of bars; the scale starts at a power of ten.
 * @typedef {{ title: string, bars: Bar[] }} BarPanel
 */
/** @typedef {{ name: string, points: [number, number][], dashed?: boolean }} Line */
/**
 * A panel of lines over a logarithmic x; y is logarithmic unless `from` is given.
 * @typedef {{ title: string, xLabel: string, lines: Line[], from?: number, to?: number }} LinePanel
 */
/** Something drawn in a box of its own. @typedef {{ width: number, height: number, svg: string }} Drawing */

/** Panels of bars, `columns` side by side. @param {{ title: string, columns?: number, panels: BarPanel[] }} chart */
export const barChart = ({ title, columns = 2, panels }) => page(title, grid(panels.map(drawBars), columns));

/** Panels of lines side by side, one legend for all. @param {{ title: string, panels: LinePanel[] }} chart */
export function lineChart({ title, panels }) {
  const styles = new Map();
  for (const { name, dashed } of panels.flatMap(({ lines }) => lines)) {
    styles.set(
      name,
      styles.get(name) ??
        (dashed
          ? `stroke="${QUIET}" stroke-width="1.5" stroke-dasharray="5 4"`
          : `stroke="${COLOURS[styles.size % COLOURS.length]}" stroke-width="2.5"`),
    );
  }
  return page(title, grid([...panels.map((panel) => drawLines(panel, styles)), drawLegend(styles)], panels.length));
}

/** @param {string} title @param {Drawing} content */
function page(title, { width, height, svg }) {
  const [w, h] = [width + 2 * GAP, height + 2 * GAP + 20];
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${w}" height="${h}" viewBox="0 0 ${w} ${h}" role="img" font-family="system-ui, sans-serif" font-size="13" fill="${INK}">`,
    `<title>${escape(title)}</title>`,
    `<rect width="${w}" height="${h}" rx="8" fill="white"/>`,
    text(GAP, GAP, title, 'font-size="16" font-weight="600"'),
    move(GAP, GAP + 20, svg),
    "</svg>\n",
  ].join("\n");
}

/** @param {Drawing[]} drawings @param {number} columns @returns {Drawing} */
function grid(drawings, columns) {
  const parts = [];
  let y = 0,
    width = 0;
  for (let start = 0; start < drawings.length; start += columns) {
    const row = drawings.slice(start, start + columns);
    let x = 0;
    for (const drawing of row) {
      parts.push(move(x, y, drawing.svg));
      x += drawing.width + GAP;
    }
    width = Math.max(width, x - GAP);
    y += Math.max(...row.map(({ height }) => height)) + GAP;
  }
  return { width, height: y - GAP, svg: parts.join("\n") };
}

const BARS = { label: 120, width: 300, value: 60, step: 20, top: 26 };

/** @param {BarPanel} panel @returns {Drawing} */
function drawBars({ title, bars }) {
  const values = bars.map(({ value }) => value).filter((value) => value > 0);
  const [low, high] = [powerBelow(Math.min(...values) / 2), powerAbove(Math.max(...values))];
  const at = (/** @type {number} */ value) => round((BARS.width * Math.log10(value / low)) / Math.log10(high / low));
  const height = BARS.top + bars.length * BARS.step;
  const grid = powers(low, high).flatMap((power) => [
    `<path d="M${at(power)} ${BARS.top}V${height}" stroke="${PALE}"/>`,
    text(at(power), height + 16, short(power), `text-anchor="middle" fill="${QUIET}" font-size="11"`),
  ]);
  const rows = bars.flatMap(({ name, value, ours, note }, i) => {
    const y = BARS.top + i * BARS.step;
    const label = text(-8, y + 14, name, `text-anchor="end"${ours ? ' font-weight="600"' : ""}`);
    if (!(value > 0)) return [label, text(4, y + 14, note ?? "", `fill="${QUIET}" font-size="11"`)];
    return [
      label,
      `<rect y="${y + 3}" width="${at(value)}" height="${BARS.step - 6}" rx="2" fill="${ours ? COLOURS[1] : COLOURS[0]}"/>`,
      text(at(value) + 6, y + 14, short(value), 'font-size="11"'),
    ];
  });
  return {
    width: BARS.label + BARS.width + BARS.value,
    height: height + 20,
    svg: move(BARS.label, 0, [text(0, 14, title, 'font-weight="600"'), ...grid, ...rows].join("\n")),
  };
}

const LINES = { left: 52, width: 340, height: 220, top: 26, bottom: 44 };

/** @param {LinePanel} panel @param {Map<string, string>} styles @returns {Drawing} */
function drawLines({ title, xLabel, lines, from, to }, styles) {
  const xs = [...new Set(lines.flatMap(({ points }) => points.map(([x]) => x)))].sort((a, b) => a - b);
  const ys = lines.flatMap(({ points }) => points.map(([, y]) => y));
  const [low, high] =
    from === undefined ? [powerBelow(Math.min(...ys)), powerAbove(Math.max(...ys))] : [from, to ?? Math.max(...ys)];
  const logarithm = (/** @type {number} */ value, /** @type {number} */ a, /** @type {number} */ b) =>
    Math.log(value / a) / Math.log(b / a);
  const x = (/** @type {number} */ value) =>
    round(LINES.width * (xs.length > 1 ? logarithm(value, xs[0], xs[xs.length - 1]) : 0.5));
  const y = (/** @type {number} */ value) =>
    round(LINES.height * (1 - (from === undefined ? logarithm(value, low, high) : (value - low) / (high - low))));
  const yTicks = from === undefined ? powers(low, high) : Array.from({ length: 6 }, (_, i) => low + (i * (high - low)) / 5);
  const paths = lines.map(
    ({ name, points }) =>
      `<path d="M${points.map(([px, py]) => `${x(px)} ${y(py)}`).join("L")}" fill="none" stroke-linejoin="round" ${styles.get(name)}/>`,
  );
  return {
    width: LINES.left + LINES.width,
    height: LINES.top + LINES.height + LINES.bottom,
    svg: move(
      LINES.left,
      LINES.top,
      [
        text(0, -12, title, 'font-weight="600"'),
        ...yTicks.map(
          (tick) =>
            `<path d="M0 ${y(tick)}H${LINES.width}" stroke="${PALE}"/>${text(-8, y(tick) + 4, short(tick), 'text-anchor="end" font-size="11"')}`,
        ),
        ...xs.map(
          (tick) =>
            `<path d="M${x(tick)} ${LINES.height}v5" stroke="${INK}"/>${text(x(tick), LINES.height + 18, short(tick), 'text-anchor="middle" font-size="11"')}`,
        ),
        `<path d="M0 ${LINES.height}H${LINES.width}" stroke="${INK}"/>`,
        text(LINES.width / 2, LINES.height + 36, xLabel, 'text-anchor="middle"'),
        ...paths,
      ].join("\n"),
    ),
  };
}

/** Entries side by side; without font metrics, a character is assumed to be seven pixels wide. @param {Map<string, string>} styles @returns {Drawing} */
function drawLegend(styles) {
  let x = LINES.left;
  const entries = [...styles].map(([name, style]) => {
    const entry = move(x, 8, `<path d="M0 0h22" ${style}/>${text(30, 4, name, "")}`);
    x += 58 + 7 * name.length;
    return entry;
  });
  return { width: x, height: 12, svg: entries.join("\n") };
}

const move = (/** @type {number} */ x, /** @type {number} */ y, /** @type {string} */ svg) =>
  `<g transform="translate(${x} ${y})">\n${svg}\n</g>`;
const text = (/** @type {number} */ x, /** @type {number} */ y, /** @type {string} */ content, /** @type {string} */ style) =>
  `<text x="${x}" y="${y}" ${style}>${escape(content)}</text>`;
const escape = (/** @type {string} */ content) => content.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");
const round = (/** @type {number} */ value) => Math.round(value * 10) / 10;

const powerBelow = (/** @type {number} */ value) => 10 ** Math.floor(Math.log10(value) + 1e-9);
const powerAbove = (/** @type {number} */ value) => 10 ** Math.ceil(Math.log10(value) - 1e-9);

/** The powers of ten from one to another. @param {number} low @param {number} high */
const powers = (low, high) =>
  Array.from({ length: Math.round(Math.log10(high / low)) + 1 }, (_, i) => Number((low * 10 ** i).toPrecision(6)));

/** Three digits and a letter: 0.25, 130k, 20.2M. @param {number} value */
export function short(value) {
  for (const [size, letter] of /** @type {[number, string][]} */ ([
    [1e9, "G"],
    [1e6, "M"],
    [1e3, "k"],
  ])) {
    if (value >= 0.9995 * size) return `${Number((value / size).toPrecision(3))}${letter}`;
  }
  return String(Number(value.toPrecision(3)));
}
