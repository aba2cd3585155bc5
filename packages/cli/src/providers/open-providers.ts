import { type LoadedConfig, nearestName, pluginsOf } from '@vibe/config';
import type { PluginInput, PluginPart, Provider } from '@vibe/core';
import { forCalls, loadSessionConfig } from '../client.js';
import type { Session } from '../session.js';
import { UsageError } from '../usage-error.js';

/** A provider and the plugin that brings it. */
export interface NamedProvider {
  readonly plugin: string;
  readonly provider: Provider;
}

/** Everything the configuration brings, created but not yet part of a client. */
export interface OpenedPlugins {
  readonly config: LoadedConfig;
  readonly parts: readonly PluginPart[];
  readonly providers: readonly NamedProvider[];
  close(): Promise<void>;
}

/** The plugins of the configuration; with --simulate our providers at a simulator, and our prices. Nobody is called. */
export async function openPlugins(session: Session): Promise<OpenedPlugins> {
  const config = await loadSessionConfig(session);
  if (session.flags.simulate !== true) {
    const inputs = await pluginsOf(config, { defaultPlugins: forCalls, resolveFrom: import.meta.url });
    return opened(session, config, inputs, async () => undefined);
  }
  const [{ startSimulator }, { providersOf }, { pricingRegistry }] = await Promise.all([
    import('@vibe/simulator'),
    import('../simulate.js'),
    import('@vibe/pricing-registry'),
  ]);
  const simulator = await startSimulator();
  const inputs = [...(await providersOf(simulator.baseUrls)), pricingRegistry()];
  return opened(session, config, inputs, () => simulator.close());
}

/** Runs a command with the plugins, and closes what it used. */
export async function withPlugins(
  session: Session,
  command: (plugins: OpenedPlugins) => Promise<number>,
): Promise<number> {
  const plugins = await openPlugins(session);
  try {
    return await command(plugins);
  } finally {
    await plugins.close();
  }
}

/** The provider of that id. Throws a UsageError that names those that are there. */
export function findProvider({ providers }: OpenedPlugins, id: string): NamedProvider {
  const found = providers.find(({ provider }) => provider.id === id);
  if (found !== undefined) return found;
  const ids = [...new Set(providers.map(({ provider }) => provider.id))];
  const meant = nearestName(id, ids);
  const hint = meant === null ? '' : ` (did you mean ${meant}?)`;
  throw new UsageError(`No plugin brings a provider "${id}"${hint}. There is: ${ids.join(', ') || 'none'}.`, [
    'llm providers list',
  ]);
}

function opened(
  session: Session,
  config: LoadedConfig,
  inputs: readonly PluginInput[],
  alsoClose: () => Promise<void>,
): OpenedPlugins {
  const named = createdParts(session, inputs, config.secret);
  const providers = named.flatMap(({ plugin, part }) => (part.kind === 'provider' ? [{ plugin, provider: part }] : []));
  return {
    config,
    parts: named.map(({ part }) => part),
    providers,
    close: async () => {
      await Promise.all(providers.map(({ provider }) => provider.close?.()));
      await alsoClose();
    },
  };
}

/** The parts that plugins bring, with the plugins' names. */
export function createdParts(
  { world }: Session,
  inputs: readonly PluginInput[],
  secret: (variable: string) => string | undefined = () => undefined,
): readonly NamedPart[] {
  const host = { now: world.now, random: Math.random, warn: () => undefined, secret };
  return inputs.flatMap((input) => created(input, host));
}

interface NamedPart {
  readonly plugin: string;
  readonly part: PluginPart;
}

type Deferred = Extract<PluginInput, { kind: 'plugin' }>;

function created(input: PluginInput, host: Parameters<Deferred['create']>[0]): readonly NamedPart[] {
  if (isList(input)) return input.flatMap((entry) => created(entry, host));
  if (input.kind !== 'plugin') return [{ plugin: '(code)', part: input }];
  const parts = input.create(host);
  const list: readonly PluginPart[] = Array.isArray(parts) ? parts : [parts as PluginPart];
  return list.map((part) => ({ plugin: input.name, part }));
}

/** Array.isArray does not narrow readonly arrays. */
function isList(input: PluginInput): input is readonly PluginInput[] {
  return Array.isArray(input);
}
