import { type LoadedConfig, vibeFrom } from '@vibe/config';
import type { PluginInput } from '@vibe/core';
import type { Client } from './client.js';
import { simulatedLedgerPath, tildePath } from './ledger-path.js';
import type { Session } from './session.js';

/** Any text: the simulator takes every key. */
const apiKey = 'simulated';

/**
 * A client whose providers speak to a simulator on loopback instead of the internet: the same plugins, the same budgets
 * and limits as configured. Its ledger is a file of its own, because simulated money must not use up real budgets.
 */
export async function simulate(session: Session, config: LoadedConfig, purpose: 'calls' | 'reports'): Promise<Client> {
  const { sqliteLedger } = await import('@vibe/ledger-sqlite');
  const { pricingRegistry } = await import('@vibe/pricing-registry');
  const path = session.flags.ledger ?? simulatedLedgerPath(session.world.env);
  const books = [sqliteLedger({ path }), pricingRegistry()];
  if (purpose === 'reports') {
    const vibe = await vibeFrom(withPlugins(config, books));
    return { vibe, config, close: () => vibe.close() };
  }
  const { startSimulator } = await import('@vibe/simulator');
  const simulator = await startSimulator();
  await session.note(
    `Simulated: ${simulator.url} answers, no provider is called, and the money is counted in ${tildePath(path)}.`,
  );
  try {
    const providers = await providersOf(simulator.baseUrls);
    const vibe = await vibeFrom(withPlugins(config, [...providers, ...books]));
    return { vibe, config, close: () => vibe.close().finally(() => simulator.close()) };
  } catch (error) {
    // Its port would keep the program alive.
    await simulator.close();
    throw error;
  }
}

/** Our providers, which speak to a simulator. */
export async function providersOf(baseUrls: {
  readonly qwen: string;
  readonly gemini: string;
}): Promise<PluginInput[]> {
  const [{ qwen }, { gemini }] = await Promise.all([import('@vibe/provider-qwen'), import('@vibe/provider-gemini')]);
  return [qwen({ apiKey, baseUrl: baseUrls.qwen }), gemini({ apiKey, baseUrl: baseUrls.gemini })];
}

function withPlugins(config: LoadedConfig, plugins: readonly PluginInput[]): LoadedConfig {
  return { ...config, plugins: [], code: { ...config.code, plugins } };
}
