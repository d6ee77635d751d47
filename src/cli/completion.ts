// Scripts that make a shell complete commands, options and their values, from the same tables as the help.
import type { Command } from "./command.js";
import { COMMON } from "./parse.js";

export const SHELLS = ["bash", "zsh", "fish"] as const;
export type Shell = (typeof SHELLS)[number];

const optionsOf = (command: Command): [string, Command["options"][string]][] => Object.entries({ ...command.options, ...COMMON });

export function completionScript(shell: Shell, commands: readonly Command[]): string {
  return { bash, zsh, fish }[shell](commands);
}

/** What may stand after an option that has choices, as cases of a shell's `case`. */
const choicesBash = (command: Command): string =>
  optionsOf(command)
    .filter(([, { choices }]) => choices)
    .map(
      ([name, { choices }]) =>
        `        ${command.name}:--${name}) COMPREPLY=($(compgen -W "${choices!.join(" ")}" -- "$cur")); return ;;`,
    )
    .join("\n");

const bash = (commands: readonly Command[]): string => `# wasmlp completion bash >> ~/.bashrc
_wasmlp() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD-1]} command=\${COMP_WORDS[1]}
  COMPREPLY=()
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W "${commands.map(({ name }) => name).join(" ")} --help --version" -- "$cur"))
    return
  fi
  case "$command:$prev" in
${commands.map(choicesBash).filter(Boolean).join("\n")}
  esac
  case "$cur" in
    -*)
      case "$command" in
${commands
  .map(
    (command) =>
      `        ${command.name}) COMPREPLY=($(compgen -W "${optionsOf(command)
        .map(([name]) => `--${name}`)
        .join(" ")}" -- "$cur")) ;;`,
  )
  .join("\n")}
      esac
      ;;
    *)
      case "$command" in
${commands
  .filter(({ positionals }) => positionals[0]?.choices)
  .map(
    ({ name, positionals }) => `        ${name}) COMPREPLY=($(compgen -W "${positionals[0]!.choices!.join(" ")}" -- "$cur")) ;;`,
  )
  .join("\n")}
        *) COMPREPLY=($(compgen -f -- "$cur")) ;;
      esac
      ;;
  esac
}
complete -o filenames -F _wasmlp wasmlp
`;

/** A text in single quotes, without what zsh's specifications give a meaning to. */
const zshText = (text: string): string => text.replaceAll(/['[\]:]/g, " ");

const zsh = (commands: readonly Command[]): string => `#compdef wasmlp
# wasmlp completion zsh > "\${fpath[1]}/_wasmlp"
_wasmlp() {
  if (( CURRENT == 2 )); then
    local -a commands=(
${commands.map(({ name, summary }) => `      '${name}:${zshText(summary)}'`).join("\n")}
    )
    _describe command commands
    return
  fi
  local command=$words[2]
  shift words
  (( CURRENT-- ))
  case $command in
${commands
  .map(
    (command) => `    ${command.name})
      _arguments -s \\
${optionsOf(command)
  .map(
    ([name, { type, help, choices, multiple }]) =>
      `        '${multiple ? "*" : ""}--${name}[${zshText(help)}]${type === "string" ? `:value:${choices ? `(${choices.join(" ")})` : "_files"}` : ""}' \\`,
  )
  .join("\n")}
        '*:argument:${command.positionals[0]?.choices ? `(${command.positionals[0].choices.join(" ")})` : "_files"}'
      ;;`,
  )
  .join("\n")}
  esac
}
_wasmlp "$@"
`;

const fishText = (text: string): string => text.replaceAll("\\", "\\\\").replaceAll("'", "\\'");

const fish = (commands: readonly Command[]): string => `# wasmlp completion fish > ~/.config/fish/completions/wasmlp.fish
${commands.map(({ name, summary }) => `complete -c wasmlp -n __fish_use_subcommand -f -a ${name} -d '${fishText(summary)}'`).join("\n")}
${commands
  .flatMap((command) => [
    ...optionsOf(command).map(
      ([name, { type, short, help, choices }]) =>
        `complete -c wasmlp -n '__fish_seen_subcommand_from ${command.name}' -l ${name}${short ? ` -s ${short}` : ""}` +
        `${type === "string" ? ` -r${choices ? ` -f -a '${choices.join(" ")}'` : ""}` : ""} -d '${fishText(help)}'`,
    ),
    ...(command.positionals[0]?.choices
      ? [
          `complete -c wasmlp -n '__fish_seen_subcommand_from ${command.name}' -f -a '${command.positionals[0].choices.join(" ")}'`,
        ]
      : []),
  ])
  .join("\n")}
`;
