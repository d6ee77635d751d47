// `wasmlp completion`: prints a script for a shell.
import type { Command } from "../command.js";
import { completionScript, SHELLS, type Shell } from "../completion.js";
import { UsageError } from "../errors.js";
import { print } from "../terminal.js";

/** @param commands all commands; this one is among them once it exists */
export const completionCommand = (commands: readonly Command[]): Command => ({
  name: "completion",
  summary: "Print a script with which a shell completes commands and options.",
  description: ["Write the script to where your shell looks for it; its first lines say where that is."],
  positionals: [{ name: "SHELL", help: `One of ${SHELLS.join(", ")}.`, choices: SHELLS }],
  options: {},
  examples: [
    ["wasmlp completion bash >> ~/.bashrc", "For bash."],
    ["wasmlp completion fish > ~/.config/fish/completions/wasmlp.fish", "For fish."],
  ],
  async run(_, [shell]) {
    if (!SHELLS.includes(shell as Shell)) throw new UsageError(`SHELL is "${shell}"; choose from ${SHELLS.join(", ")}`);
    await print(completionScript(shell as Shell, commands));
  },
});
