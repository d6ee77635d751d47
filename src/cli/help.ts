// Help, from the same tables that the command line is parsed by.
import type { Command, OptionSpec } from "./command.js";
import { COMMON } from "./parse.js";
import { columnsOf, styled, wrap } from "./terminal.js";

/** Where the second column begins. */
const TAB = 28;

function entry(left: string, right: string, width: number): string {
  const indent = " ".repeat(Math.min(TAB, Math.floor(width / 3)));
  const text = wrap(right, width - indent.length)
    .split("\n")
    .join(`\n${indent}`);
  return left.length + 2 < indent.length ? `  ${left}`.padEnd(indent.length) + text : `  ${left}\n${indent}${text}`;
}

const heading = (text: string): string => styled(process.stdout, "bold", text);

function optionLine(name: string, { type, short, value, help, choices, multiple }: OptionSpec, width: number): string {
  const left = `${short ? `-${short}, ` : ""}--${name}${type === "string" ? ` ${value ?? "VALUE"}` : ""}`;
  return entry(
    left,
    `${help}${choices ? ` One of ${choices.join(", ")}.` : ""}${multiple ? " May be given several times." : ""}`,
    width,
  );
}

export function generalHelp(commands: readonly Command[], version: string): string {
  const width = Math.min(columnsOf(process.stdout), 100);
  return [
    wrap(`wasmlp ${version}: train feed-forward networks on tables, and use them.`, width),
    "",
    heading("Usage"),
    "  wasmlp COMMAND [options]",
    "  wasmlp COMMAND --help",
    "",
    heading("Commands"),
    ...commands.map(({ name, summary }) => entry(name, summary, width)),
    "",
    heading("First steps"),
    "  wasmlp train flowers.csv --target species -o flowers.safetensors",
    "  wasmlp evaluate flowers.safetensors more.csv",
    "  wasmlp predict flowers.safetensors new.csv > predictions.csv",
    "",
    wrap(
      "Data comes from files or, as -, from standard input; results go to standard output, progress to standard error.",
      width,
    ),
    wrap("Exit codes: 0 done, 1 the work failed, 2 the command was wrong, 130 interrupted.", width),
    "",
  ].join("\n");
}

export function commandHelp(command: Command): string {
  const width = Math.min(columnsOf(process.stdout), 100);
  const groups = new Map<string, string[]>();
  for (const [name, option] of [...Object.entries(command.options), ...Object.entries(COMMON)]) {
    const group = option.group ?? "Options";
    groups.set(group, [...(groups.get(group) ?? []), optionLine(name, option, width)]);
  }
  const usage = command.positionals.map(({ name, optional }) => (optional ? `[${name}]` : name)).join(" ");
  return [
    wrap(`wasmlp ${command.name}: ${command.summary}`, width),
    "",
    heading("Usage"),
    `  wasmlp ${command.name} ${usage} [options]`,
    "",
    ...command.description.flatMap((paragraph) => [wrap(paragraph, width), ""]),
    ...(command.positionals.length
      ? [heading("Arguments"), ...command.positionals.map(({ name, help }) => entry(name, help, width)), ""]
      : []),
    ...[...groups].flatMap(([group, lines]) => [heading(group), ...lines, ""]),
    heading("Examples"),
    ...command.examples.flatMap(([line, what]) => [`  ${line}`, `      ${wrap(what, width - 6, "      ")}`]),
    "",
  ].join("\n");
}
