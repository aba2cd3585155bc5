import type { LoadedConfig } from '@vibe/config';
import type { Endpoint, PingResult, Provider } from '@vibe/core';
import { loadSessionConfig } from '../client.js';
import { ledgerPathOf } from '../ledger-path.js';
import { type NamedProvider, type OpenedPlugins, openPlugins } from '../providers/open-providers.js';
import type { Session } from '../session.js';
import { type Look, lookAt } from './look-at.js';

/** A place of a provider, as checks speak of it. */
export interface Place {
  readonly provider: Provider;
  readonly plugin: string;
  readonly endpoint: Endpoint;
  /** `qwen/cn`, with the profile where it has one. */
  readonly name: string;
}

/** What all checks look at; each part is made once, when the first check asks for it. */
export interface Patient {
  readonly session: Session;
  /** Nothing may be sent. */
  readonly offline: boolean;
  config(): Promise<LoadedConfig>;
  plugins(): Promise<OpenedPlugins>;
  places(): Promise<readonly Place[]>;
  /** The cheapest free round trip with the key of the place. Never throws. */
  ping(place: Place): Promise<PingResult>;
  /** The way to the place without a key: name, connection, TLS, clock. Never throws. */
  look(place: Place): Promise<Look>;
  /** Null: another plugin than ours may keep the money. */
  ledgerPath(): Promise<string | null>;
  close(): Promise<void>;
}

/** How long one request may take. Nothing else is timed. */
const networkMs = 20_000;

export function patientOf(session: Session, offline: boolean): Patient {
  const config = once(() => loadSessionConfig(session));
  const plugins = once(() => openPlugins(session));
  const pings = new Map<string, Promise<PingResult>>();
  const looks = new Map<string, Promise<Look>>();
  const signal = () => AbortSignal.any([session.world.signal, AbortSignal.timeout(networkMs)]);
  return {
    session,
    offline,
    config,
    plugins,
    places: async () => (await plugins()).providers.flatMap(placesOf),
    ping: (place) => kept(pings, place.name, () => pinged(place, signal())),
    look: (place) =>
      kept(looks, new URL(place.endpoint.baseUrl).origin, () =>
        lookAt(place.endpoint.baseUrl, session.world.now, signal()),
      ),
    ledgerPath: async () => ledgerPathOf(session, await config()),
    close: async () => {
      if (plugins.wasAsked())
        await plugins().then(
          (opened) => opened.close(),
          () => undefined,
        );
    },
  };
}

function placesOf({ provider, plugin }: NamedProvider): readonly Place[] {
  const profile = provider.profile === undefined ? '' : ` (${provider.profile})`;
  return provider.endpoints.map((endpoint) => ({
    provider,
    plugin,
    endpoint,
    name: `${provider.id}/${endpoint.id}${profile}`,
  }));
}

export async function pinged(
  { provider, endpoint }: Omit<Place, 'name' | 'plugin'>,
  signal: AbortSignal,
): Promise<PingResult> {
  if (provider.ping === undefined) return { ok: false, latencyMs: 0, message: 'its provider cannot be pinged' };
  try {
    return await provider.ping(endpoint, signal);
  } catch {
    return { ok: false, latencyMs: networkMs, message: `no answer within ${networkMs / 1_000} s` };
  }
}

function once<T>(make: () => Promise<T>): (() => Promise<T>) & { wasAsked(): boolean } {
  let made: Promise<T> | undefined;
  return Object.assign(() => (made ??= make()), { wasAsked: () => made !== undefined });
}

function kept<T>(map: Map<string, Promise<T>>, key: string, make: () => Promise<T>): Promise<T> {
  const before = map.get(key);
  if (before !== undefined) return before;
  const made = make();
  map.set(key, made);
  return made;
}
