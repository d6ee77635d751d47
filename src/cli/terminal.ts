// What the commands know of the terminal: its width, whether it shows colours, and how results and messages are written.
import { once } from "node:events";
import { styleText } from "node:util";

type Style = Parameters<typeof styleText>[0];

/** Columns to wrap text at: those of the terminal, else 80. */
export function columnsOf(stream: NodeJS.WriteStream): number {
  const columns = stream.isTTY ? stream.columns : Number(process.env.COLUMNS);
  return columns > 0 ? columns : 80;
}

const showsColors = (stream: NodeJS.WriteStream): boolean =>
  !process.env.NO_COLOR && process.env.TERM !== "dumb" && stream.isTTY && stream.hasColors();

/** The text in a style where the stream is a terminal with colours and NO_COLOR is not set. */
export const styled = (stream: NodeJS.WriteStream, style: Style, text: string): string =>
  showsColors(stream) ? styleText(style, text) : text;

/** Writes results to standard output; resolves when the stream accepts more. */
export async function print(text: string): Promise<void> {
  if (!process.stdout.write(text)) await once(process.stdout, "drain");
}

/** Writes a line for the user to read to standard error, which leaves standard output to results. */
export function note(text: string): void {
  process.stderr.write(`${text}\n`);
}

/** A reader that ends early, such as `head`, closes the pipe: this is not an error, and there is no output to report it to. */
export function endQuietlyOnClosedPipe(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code !== "EPIPE") throw error;
      process.exit();
    });
  }
}

/** Breaks text into lines of at most `width` characters at its spaces; `indent` precedes all lines but the first. */
export function wrap(text: string, width: number, indent = ""): string {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    const space = width - (lines.length ? indent.length : 0);
    if (line && line.length + 1 + word.length > space) {
      lines.push(line);
      line = word;
    } else {
      line = line ? `${line} ${word}` : word;
    }
  }
  return [...lines, line].join(`\n${indent}`);
}
