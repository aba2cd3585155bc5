import type { LoadedConfig, PluginKind } from '@vibe/config';
import { loadConfig, vibeFrom } from '@vibe/config';
import type { Vibe } from '@vibe/core';
import type { Session } from './session.js';

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
const forCalls: DefaultPlugins = { ...forReports, provider: ['@vibe/provider-qwen', '@vibe/provider-gemini'] };

/** The configuration as the global flags want it. */
export function loadSessionConfig({ world, flags }: Session): Promise<LoadedConfig> {
  return loadConfig({
    cwd: flags.project ?? world.cwd,
    env: world.env,
    configFile: flags.config,
    ledgerPath: flags.ledger,
  });
}

/** Opens a client. With --simulate its providers call a simulator on loopback, and its money is in a ledger of its own. */
export async function openClient(session: Session, purpose: 'calls' | 'reports'): Promise<Client> {
  const config = await loadSessionConfig(session);
  if (session.flags.simulate === true) {
    const { simulate } = await import('./simulate.js');
    return simulate(session, config, purpose);
  }
  const defaultPlugins = purpose === 'calls' ? forCalls : forReports;
  const vibe = await vibeFrom(config, { defaultPlugins, resolveFrom: import.meta.url });
  return { vibe, config, close: () => vibe.close() };
}
