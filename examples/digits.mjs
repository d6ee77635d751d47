// MNIST digits as text, shrunk to 14 × 14: in a terminal with 256 colours a half block shows two pixels, the upper as its
// colour and the lower as its background; elsewhere a character stands for the two by its darkness.

const SIZE = 28;
const WIDTH = SIZE / 2;
const GAP = 2;
const SHADES = " .:-=+*#%@";

/** Whether standard output is a terminal that shows block characters in 256 colours. */
export function showsBlocks({ stdout, env, platform } = process) {
  const utf8 = /utf-?8/i.test(env.LC_ALL || env.LC_CTYPE || env.LANG || "") || platform === "darwin" || Boolean(env.WT_SESSION);
  return Boolean(stdout.isTTY) && utf8 && stdout.getColorDepth() >= 8;
}

/** How many digits, eight at most, stand side by side in a line of so many characters. */
export const digitsPerLine = (columns = 80) => Math.min(8, Math.max(1, Math.floor((columns + GAP) / (WIDTH + GAP))));

/**
 * Digits side by side, a caption under each.
 * @param {{ pixels: Float32Array, caption: string }[]} digits pixels: 784 numbers from 0 to 1
 * @param {boolean} blocks
 */
export function drawDigits(digits, blocks) {
  const pair = blocks ? halfBlock : shade;
  const end = blocks ? "\x1b[0m" : "";
  const images = digits.map(({ pixels }) => shrink(pixels));
  const lines = Array.from({ length: WIDTH / 2 }, (_, line) =>
    images.map((image) => image[2 * line].map((top, c) => pair(top, image[2 * line + 1][c])).join("") + end),
  );
  lines.push(digits.map(({ caption }) => centred(caption)));
  return lines.map((parts) => parts.join(" ".repeat(GAP)).trimEnd()).join("\n");
}

/** The mean of each two by two pixels. */
function shrink(pixels) {
  const at = (row, column) => pixels[row * SIZE + column];
  return Array.from({ length: WIDTH }, (_, r) =>
    Array.from(
      { length: WIDTH },
      (_, c) => (at(2 * r, 2 * c) + at(2 * r, 2 * c + 1) + at(2 * r + 1, 2 * c) + at(2 * r + 1, 2 * c + 1)) / 4,
    ),
  );
}

/** Of the 256 colours, 232 to 255 are greys from black to white. */
const grey = (ink) => 233 + Math.round(ink * 22);
const halfBlock = (top, bottom) => `\x1b[38;5;${grey(top)};48;5;${grey(bottom)}m▀`;

const shade = (top, bottom) => SHADES[Math.round(((top + bottom) / 2) * (SHADES.length - 1))];

function centred(text) {
  const left = Math.max(0, Math.floor((WIDTH - text.length) / 2));
  return (" ".repeat(left) + text).padEnd(WIDTH);
}
