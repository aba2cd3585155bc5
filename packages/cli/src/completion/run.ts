import type { Command } from 'commander';
import { exitCodes } from '../exit-codes.js';
import { withPlugins } from '../providers/open-providers.js';
import type { Session } from '../session.js';
import { completionScript, type Shell } from './script.js';

/** Model names are those of the configured providers, read when the script is made: nothing is called while you type. */
export async function completion(session: Session, program: Command, shell: Shell): Promise<number> {
  const models = new Set<string>();
  await withPlugins(session, async ({ providers }) => {
    for (const { provider } of providers) for (const { id } of provider.models) models.add(id);
    return exitCodes.ok;
  });
  await session.out.write(completionScript(program, shell, [...models].sort()));
  return exitCodes.ok;
}
