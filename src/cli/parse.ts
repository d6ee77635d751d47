// A command line → values, by node:util's parseArgs; what is wrong becomes a UsageError that names it.
import { parseArgs } from "node:util";
import { checkOptions } from "../options/checks.js";
import type { Command, Options, OptionSpec, Values } from "./command.js";
import { UsageError } from "./errors.js";

/** Options of every command. */
export const COMMON: Readonly<Record<string, OptionSpec>> = {
  json: { type: "boolean", help: "Write results as JSON." },
  quiet: { type: "boolean", short: "q", help: "Write no progress and no notes to standard error." },
  help: { type: "boolean", short: "h", help: "Show this help." },
};

/** @throws UsageError for unknown options, missing values and wrong numbers of arguments */
export function parseCommandLine(command: Command, args: readonly string[]): { values: Values; positionals: string[] } {
  const options = { ...command.options, ...COMMON };
  const normalized = withNegativeNumbers(withDashes(args), options);
  refuseUnknown(normalized, Object.keys(options));
  let parsed: { values: Values; positionals: string[] };
  try {
    parsed = parseArgs({ args: normalized, options, allowPositionals: true, strict: true });
  } catch (error) {
    throw new UsageError((error as Error).message.split("\n")[0]!, { cause: error });
  }
  const { values, positionals } = parsed;
  if (values.help) return parsed;
  for (const [name, { choices }] of Object.entries(options)) {
    const value = values[name];
    if (choices && value !== undefined && !choices.includes(String(value))) {
      throw new UsageError(`--${name} is "${String(value)}"; choose from ${choices.join(", ")}`);
    }
  }
  const required = command.positionals.filter(({ optional }) => !optional);
  if (positionals.length < required.length) throw new UsageError(`${required[positionals.length]!.name} is missing`);
  if (positionals.length > command.positionals.length) {
    throw new UsageError(`"${positionals[command.positionals.length]!}" is one argument too many`);
  }
  return parsed;
}

/** `--learningRate` as `--learning-rate`. */
const withDashes = (args: readonly string[]): string[] => {
  const end = args.indexOf("--");
  return args.map((arg, i) =>
    arg.startsWith("--") && (end < 0 || i < end)
      ? arg.replace(/^--[^=]*/, (name) => name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`))
      : arg,
  );
};

/** `--l2 -1` as `--l2=-1`: parseArgs takes the number for another option. */
const withNegativeNumbers = (args: readonly string[], options: Options): string[] =>
  args.flatMap((arg, i) => {
    const takesValue = (each: string | undefined): boolean =>
      each !== undefined && options[each.slice(2)]?.type === "string" && each.startsWith("--");
    const isNumber = (each: string | undefined): boolean => /^-\.?\d/.test(each ?? "");
    if (takesValue(args[i - 1]) && isNumber(arg)) return [];
    return takesValue(arg) && isNumber(args[i + 1]) ? [`${arg}=${args[i + 1]!}`] : [arg];
  });

/** Suggests the option that an unknown one was meant to be, which parseArgs does not. */
function refuseUnknown(args: readonly string[], names: readonly string[]): void {
  for (const arg of args) {
    if (arg === "--") return;
    const name = /^--[^=]+/.exec(arg)?.[0];
    if (!name || names.includes(name.slice(2))) continue;
    try {
      checkOptions(
        { [name]: undefined },
        {},
        "",
        names.map((each) => `--${each}`),
      );
    } catch (error) {
      // Where nothing is near, all options would be listed; the help does that better.
      throw new UsageError((error as Error).message.replaceAll('"', "").replace(/; choose from .*/, ""), { cause: error });
    }
  }
}

/** A number among the values. */
export function numberOf(values: Values, name: string, isRight: (value: number) => boolean, must: string): number | undefined {
  const text = values[name];
  if (text === undefined) return undefined;
  const value = Number(text);
  if (text === "" || !isRight(value)) throw new UsageError(`--${name} is "${String(text)}"; it must be ${must}`);
  return value;
}

export const textOf = (values: Values, name: string): string | undefined => values[name] as string | undefined;

/** `--name a=b`, as often as it was given, as an object. */
export function pairsOf(values: Values, name: string, example: string): Record<string, string> {
  const pairs: Record<string, string> = Object.create(null) as Record<string, string>;
  for (const text of (values[name] ?? []) as readonly string[]) {
    const at = text.lastIndexOf("=");
    if (at < 1) throw new UsageError(`--${name} is "${text}"; it must be like ${example}`);
    pairs[text.slice(0, at)] = text.slice(at + 1);
  }
  return pairs;
}
