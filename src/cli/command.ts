// What a command is: its name, its options as one table that the parser, the help and the shell completion read, and what it does.

export interface OptionSpec {
  readonly type: "string" | "boolean";
  readonly short?: string;
  /** May be given several times. */
  readonly multiple?: boolean;
  /** What the value is, as the help shows it: `FILE`, `N`. */
  readonly value?: string;
  readonly help: string;
  /** Values to choose from. */
  readonly choices?: readonly string[];
  /** A heading of the help under which the option stands. */
  readonly group?: string;
}

export type Options = Readonly<Record<string, OptionSpec>>;

/** The values of a command line, under the options' names with dashes. */
export type Values = Readonly<Record<string, string | boolean | readonly (string | boolean)[] | undefined>>;

export interface Positional {
  readonly name: string;
  readonly help: string;
  readonly optional?: boolean;
  /** Values to choose from; else it is a file. */
  readonly choices?: readonly string[];
}

export interface Command {
  readonly name: string;
  /** One line for the list of commands. */
  readonly summary: string;
  /** Paragraphs for the help of the command. */
  readonly description: readonly string[];
  readonly positionals: readonly Positional[];
  readonly options: Options;
  /** Command lines without `npx`, and what each does. */
  readonly examples: readonly (readonly [command: string, what: string])[];
  run(values: Values, positionals: readonly string[]): Promise<void>;
}
