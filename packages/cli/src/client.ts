import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { LoadedConfig, LoadOptions, PluginKind } from '@vibe/config';
import { loadConfig, vibeFrom } from '@vibe/config';
import type { Vibe } from '@vibe/core';
import type { Session } from './session.js';
import { UsageError } from './usage-error.js';

/** A client for one command. */
export interface Client {
  readonly vibe: Vibe;
  readonly config: LoadedConfig;
  /** Settles what runs and closes everything that was opened. */
  close(): Promise<void>;
}

type DefaultPlugins = Readonly<Partial<Record<PluginKind, readonly string[]>>>;

/** What reports need and no config file names. They call nobody: no provider is loaded. */
const forReports: DefaultPlugins = { ledger: ['@vibe/ledger-sqlite'], pricing: ['@vibe/pricing-registry'] };
export const forCalls: DefaultPlugins = { ...forReports, provider: ['@vibe/provider-qwen', '@vibe/provider-gemini'] };

/** The configuration as the global flags want it. */
export function loadSessionConfig(session: Session): Promise<LoadedConfig> {
  return loadConfig(placesOf(session));
}

/** Where the global flags look for the configuration. Their paths are relative to the working folder. */
export function placesOf({ world, flags }: Session): LoadOptions {
  const { config, ledger, project } = flags;
  const folder = resolve(world.cwd, project ?? '.');
  if (project !== undefined && !isFolder(folder)) {
    throw new UsageError(`There is no folder ${project}.`, [
      'llm … --project DIR   with the folder of vibe.config.yaml',
    ]);
  }
  return {
    cwd: folder,
    env: world.env,
    configFile: config === undefined ? undefined : resolve(world.cwd, config),
    ledgerPath: ledger === undefined ? undefined : resolve(world.cwd, ledger),
  };
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

/** Runs a command with a client, and closes it whatever comes: what runs is settled, what was opened is closed. */
export async function withClient(
  session: Session,
  purpose: 'calls' | 'reports',
  command: (client: Client) => Promise<number>,
): Promise<number> {
  const client = await openClient(session, purpose);
  let exitCode: number;
  try {
    exitCode = await command(client);
  } catch (error) {
    // A ledger that cannot be closed either must not hide what went wrong first.
    await client.close().catch(() => undefined);
    throw error;
  }
  await client.close();
  return exitCode;
}

/** With --simulate the providers call a simulator on loopback, and the money is in a ledger of its own. */
async function openClient(session: Session, purpose: 'calls' | 'reports'): Promise<Client> {
  const config = await loadSessionConfig(session);
  if (session.flags.simulate === true) {
    const { simulate } = await import('./simulate.js');
    return simulate(session, config, purpose);
  }
  const defaultPlugins = purpose === 'calls' ? forCalls : forReports;
  const vibe = await vibeFrom(config, { defaultPlugins, resolveFrom: import.meta.url });
  return { vibe, config, close: () => vibe.close() };
}
