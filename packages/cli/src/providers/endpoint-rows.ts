import type { LoadedConfig } from '@vibe/config';
import type { Endpoint, PingResult, Provider } from '@vibe/core';
import type { Column } from '../output/table.js';
import type { Session } from '../session.js';
import type { NamedProvider } from './open-providers.js';

/** One endpoint of one provider, as it is listed. */
export interface EndpointRow {
  readonly provider: string;
  readonly profile: string;
  readonly endpoint: string;
  readonly region: string;
  readonly baseUrl: string;
  readonly key: KeySource;
  /** Null: nobody asked for it, or there is no key to ask with. */
  readonly ping: PingResult | null;
  readonly plugin: string;
}

export interface KeySource {
  readonly present: boolean;
  /** The variable to set; null where the endpoint wants no key, or one that only code knows. */
  readonly variable: string | null;
  readonly source: 'env' | 'keys_file' | 'config' | null;
}

/** How long an endpoint may take to answer a ping. */
const pingMs = 10_000;

/** A row per endpoint. With `ping` every endpoint that has a key is asked once, all at the same time. */
export async function endpointRows(
  session: Session,
  providers: readonly NamedProvider[],
  ping: boolean,
  secret: LoadedConfig['secret'],
): Promise<readonly EndpointRow[]> {
  const rows = providers.flatMap(({ plugin, provider }) =>
    provider.endpoints.map(async (endpoint): Promise<EndpointRow> => {
      const key = keySource(endpoint, session, secret);
      return {
        provider: provider.id,
        profile: provider.profile ?? 'default',
        endpoint: endpoint.id,
        region: endpoint.region,
        baseUrl: shownAddress(endpoint.baseUrl),
        key,
        ping: ping && key.present ? await pinged(provider, endpoint, session.world.signal) : null,
        plugin,
      };
    }),
  );
  return Promise.all(rows);
}

function keySource(endpoint: Endpoint, { world }: Session, secret: LoadedConfig['secret']): KeySource {
  const present = endpoint.keyPresent();
  const variable = endpoint.keyName ?? null;
  if (!present) return { present, variable, source: null };
  const inEnv = variable !== null && (world.env[variable]?.trim() ?? '') !== '';
  if (inEnv) return { present, variable, source: 'env' };
  return { present, variable, source: variable !== null && secret(variable) !== undefined ? 'keys_file' : 'config' };
}

async function pinged(provider: Provider, endpoint: Endpoint, stopped: AbortSignal): Promise<PingResult | null> {
  if (provider.ping === undefined) return null;
  const late = AbortSignal.timeout(pingMs);
  try {
    return await provider.ping(endpoint, AbortSignal.any([stopped, late]));
  } catch (error) {
    if (!late.aborted || stopped.aborted) throw error;
    return { ok: false, latencyMs: pingMs, message: `no answer within ${pingMs / 1_000} s` };
  }
}

/** Host and path: an address may hold a password. */
function shownAddress(text: string): string {
  if (!URL.canParse(text)) return text;
  const { origin, pathname } = new URL(text);
  return `${origin}${pathname}`.replace(/\/$/, '');
}

export function keyText({ present, variable, source }: KeySource): string {
  if (!present) return variable === null ? 'missing' : `set ${variable}`;
  if (source === 'keys_file') return 'keys file';
  return source === 'env' ? `env ${variable}` : variable === null ? 'none needed' : 'present';
}

export function pingText(ping: PingResult | null): string {
  if (ping === null) return '–';
  return ping.ok ? `ok ${ping.latencyMs} ms` : `failed${ping.status === undefined ? '' : ` HTTP ${ping.status}`}`;
}

/** The table of endpoints; the ping has a column only where one was asked for. */
export function endpointColumns({ out }: Session, rows: readonly EndpointRow[], ping: boolean): readonly Column[] {
  const { green, red, yellow } = out.colors;
  const names = rows.map(({ provider, profile }) => (profile === 'default' ? provider : `${provider} (${profile})`));
  return [
    { title: 'PROVIDER', cells: names },
    { title: 'ENDPOINT', cells: rows.map(({ endpoint }) => endpoint) },
    { title: 'REGION', dropOrder: 1, cells: rows.map(({ region }) => region) },
    {
      title: 'KEY',
      cells: rows.map(({ key }) => keyText(key)),
      paint: (cell, row) => (rows[row]?.key.present === true ? green(cell) : yellow(cell)),
    },
    ...(ping
      ? [
          {
            title: 'PING',
            cells: rows.map((row) => pingText(row.ping)),
            paint: (cell: string, row: number) => (rows[row]?.ping?.ok === false ? red(cell) : cell),
          },
        ]
      : []),
    { title: 'PLUGIN', dropOrder: 2, cells: rows.map(({ plugin }) => plugin) },
    { title: 'ADDRESS', dropOrder: 3, cells: rows.map(({ baseUrl }) => baseUrl) },
  ];
}
