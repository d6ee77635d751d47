#!/usr/bin/env node
// The command line: finds the command, runs it, and turns what it throws into a message and an exit code.
import { readFileSync } from "node:fs";
import { checkOptions } from "../options/checks.js";
import type { Command } from "./command.js";
import { benchCommand } from "./commands/bench.js";
import { completionCommand } from "./commands/completion.js";
import { evaluateCommand } from "./commands/evaluate.js";
import { exportCommand } from "./commands/export.js";
import { infoCommand } from "./commands/info.js";
import { predictCommand } from "./commands/predict.js";
import { searchCommand } from "./commands/search.js";
import { trainCommand } from "./commands/train.js";
import { workCommand } from "./commands/work.js";
import { InterruptedError, UsageError } from "./errors.js";
import { commandHelp, generalHelp } from "./help.js";
import { parseCommandLine } from "./parse.js";
import { endQuietlyOnClosedPipe, note, print, styled } from "./terminal.js";

const COMMANDS: Command[] = [
  trainCommand,
  predictCommand,
  evaluateCommand,
  infoCommand,
  exportCommand,
  searchCommand,
  workCommand,
  benchCommand,
];
COMMANDS.push(completionCommand(COMMANDS));

const version = (): string =>
  (JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as { version: string }).version;

function findCommand(name: string): Command {
  const found = COMMANDS.find((command) => command.name === name);
  if (found) return found;
  try {
    checkOptions(
      { [name]: undefined },
      {},
      "",
      COMMANDS.map((each) => each.name),
    );
  } catch (error) {
    throw new UsageError((error as Error).message.replace("unknown option", "unknown command"), { cause: error });
  }
  throw new UsageError(`unknown command "${name}"`);
}

async function main([first, ...rest]: readonly string[]): Promise<void> {
  if (first === "--version" || first === "-V") return print(`${version()}\n`);
  if (first === undefined) throw new UsageError("a command is missing");
  if (first === "--help" || first === "-h") return print(generalHelp(COMMANDS, version()));
  if (first === "help") return print(rest[0] ? commandHelp(findCommand(rest[0])) : generalHelp(COMMANDS, version()));
  const command = findCommand(first);
  try {
    const { values, positionals } = parseCommandLine(command, rest);
    await (values.help ? print(commandHelp(command)) : command.run(values, positionals));
  } catch (error) {
    if (error instanceof UsageError) error.message += `\nwasmlp ${command.name} --help shows what it takes.`;
    throw error;
  }
}

/** Tells what went wrong, in one message without a stack, and returns the exit code. */
function fail(error: unknown): number {
  const { message } = error instanceof Error ? error : new Error(String(error));
  if (error instanceof InterruptedError) {
    note(message);
    return error.exitCode;
  }
  note(`${styled(process.stderr, "red", "error:")} ${message}`);
  if (process.env.WASMLP_DEBUG) note(String((error as Error).stack));
  if (!(error instanceof UsageError)) return 1;
  if (!message.includes("--help")) note("wasmlp --help lists the commands.");
  return 2;
}

endQuietlyOnClosedPipe();
try {
  await main(process.argv.slice(2));
} catch (error) {
  process.exitCode = fail(error);
}
