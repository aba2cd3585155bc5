import type { Command, Option } from 'commander';

export type Shell = 'bash' | 'zsh' | 'fish';

/** What can be typed behind a path of commands: `''`, `budget`, `budget report`. */
interface Place {
  readonly path: string;
  readonly words: readonly string[];
}

/** A script for one shell, made from the command tree. */
export function completionScript(program: Command, shell: Shell, models: readonly string[]): string {
  const places = placesOf(program, []);
  const values = valuesOf(program, models);
  switch (shell) {
    case 'bash':
      return bash(places, values);
    case 'zsh':
      return `#compdef llm vibe\nautoload -U +X bashcompinit && bashcompinit\n${bash(places, values)}`;
    case 'fish':
      return fish(places, values);
  }
}

function placesOf(command: Command, path: readonly string[]): readonly Place[] {
  const inherited = path.length === 0 ? [] : rootOf(command).options;
  const flags = [...command.options, ...inherited].flatMap(({ long, hidden }) =>
    long === undefined || long === null || hidden ? [] : [long],
  );
  const names = command.commands.map((child) => child.name());
  return [
    { path: path.join(' '), words: [...names, ...flags, '--help'] },
    ...command.commands.flatMap((child) =>
      [child.name(), ...child.aliases()].flatMap((name) => placesOf(child, [...path, name])),
    ),
  ];
}

function rootOf(command: Command): Command {
  return command.parent === null ? command : rootOf(command.parent);
}

/** Flags whose values are known: choices, and models. */
function valuesOf(program: Command, models: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const values = new Map<string, readonly string[]>([
    ['--model', models],
    ['-m', models],
  ]);
  const visit = (command: Command) => {
    for (const option of command.options) addChoices(values, option);
    for (const child of command.commands) visit(child);
  };
  visit(program);
  return values;
}

function addChoices(values: Map<string, readonly string[]>, { long, argChoices }: Option): void {
  if (typeof long !== 'string' || argChoices === undefined) return;
  values.set(long, [...new Set([...(values.get(long) ?? []), ...argChoices])]);
}

/** Words never hold a quote or a blank: names of commands, flags and models. */
function list(words: readonly string[]): string {
  return words.filter((word) => /^[\w./:@=+-]+$/.test(word)).join(' ');
}

function bash(places: readonly Place[], values: ReadonlyMap<string, readonly string[]>): string {
  const valueCases = [...values].map(([flag, words]) => `    ${flag}) words="${list(words)}" ;;`);
  const placeCases = places.map(({ path, words }) => `      "${path}") words="${list(words)}" ;;`);
  return `# Made by: llm completion bash
_llm() {
  local word="\${COMP_WORDS[COMP_CWORD]}" before="\${COMP_WORDS[COMP_CWORD - 1]}" path="" words="" i next
  case "$before" in
${valueCases.join('\n')}
  esac
  if [[ -z "$words" ]]; then
    for ((i = 1; i < COMP_CWORD; i++)); do
      next="\${path:+$path }\${COMP_WORDS[i]}"
      case "$next" in
        ${places
          .filter(({ path }) => path !== '')
          .map(({ path }) => `"${path}"`)
          .join('|')}) path="$next" ;;
      esac
    done
    case "$path" in
${placeCases.join('\n')}
    esac
  fi
  COMPREPLY=($(compgen -W "$words" -- "$word"))
}
complete -o default -F _llm llm vibe
`;
}

function fish(places: readonly Place[], values: ReadonlyMap<string, readonly string[]>): string {
  const lines = places.flatMap(({ path, words }) => {
    const names = path === '' ? [] : path.split(' ');
    const children = places.filter(
      (other) => other.path.startsWith(path === '' ? '' : `${path} `) && other.path !== path,
    );
    const deeper = children.map((other) => other.path.split(' ')[names.length] ?? '').filter((name) => name !== '');
    const seen = names.map((name) => `__fish_seen_subcommand_from ${name}`);
    const unseen = deeper.length === 0 ? [] : [`not __fish_seen_subcommand_from ${[...new Set(deeper)].join(' ')}`];
    const condition = [...seen, ...unseen].join('; and ');
    return ['llm', 'vibe'].map(
      (name) => `complete -c ${name} -f -n '${condition === '' ? 'true' : condition}' -a '${list(words)}'`,
    );
  });
  const flags = [...values]
    .filter(([flag]) => flag.startsWith('--'))
    .flatMap(([flag, words]) =>
      ['llm', 'vibe'].map((name) => `complete -c ${name} -l ${flag.slice(2)} -x -a '${list(words)}'`),
    );
  return `# Made by: llm completion fish\n${[...lines, ...flags].join('\n')}\n`;
}
