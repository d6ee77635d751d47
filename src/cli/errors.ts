// How a command ends other than well, and the exit code of each.

/** The command was wrong: an unknown option, a missing argument. Exit code 2. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** A file that cannot be used: the message names the file, the line and the column, and says what was expected. Exit code 1. */
export class DataError extends Error {
  override readonly name = "DataError";
}

/** The user stopped the command by SIGINT or SIGTERM, and what could be saved is saved. Exit code 130 or 143. */
export class InterruptedError extends Error {
  override readonly name = "InterruptedError";
  readonly exitCode: number;

  constructor(message: string, signal: NodeJS.Signals) {
    super(message);
    this.exitCode = signal === "SIGTERM" ? 143 : 130;
  }
}

/** The code of an error of Node's, such as ENOENT. */
export const codeOf = (error: unknown): string | undefined => (error as NodeJS.ErrnoException | undefined)?.code;
