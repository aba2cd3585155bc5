import type { Command } from 'commander';
import { UsageError } from './usage-error.js';

/** A word behind a group goes to its default command, which takes none: it is a misspelt command. */
export async function refuseWords({ args, parent }: Command): Promise<void> {
  const [word] = args;
  if (word === undefined || parent === null) return;
  const { nearestName } = await import('@vibe/config');
  const group = parent.name();
  const names = parent.commands.map((command) => command.name());
  const meant = nearestName(word, names);
  const hint = meant === null ? '' : ` (did you mean ${group} ${meant}?)`;
  throw new UsageError(`Unknown command '${group} ${word}'${hint}`, [`llm ${group} --help`]);
}
