import { exitCodes } from '../exit-codes.js';
import { envelope } from '../output/envelope.js';
import { printable } from '../output/printable.js';
import { tsv } from '../output/table.js';
import { tableLines } from '../output/table-text.js';
import type { Session } from '../session.js';
import { type EndpointRow, endpointColumns, endpointRows } from './endpoint-rows.js';
import { withPlugins } from './open-providers.js';

export interface ListFlags {
  readonly ping?: boolean;
}

/** `llm providers list`: who could be called, where, with which key. Sends nothing without --ping. */
export function list(session: Session, { ping = false }: ListFlags): Promise<number> {
  return withPlugins(session, async ({ providers, config }) => {
    const rows = await endpointRows(session, providers, ping, config.secret);
    const { out, world, timezone } = session;
    if (session.flags.json === true) {
      await out.write(
        envelope('vibe.providers/1', { nowMs: world.now(), timezone, query: { ping }, rows, warnings: [] }),
      );
    } else if (session.tables) {
      const failed = rows.flatMap(pingNote);
      const lines = [
        ...tableLines(session, endpointColumns(session, rows, ping)),
        ...(failed.length === 0 ? [] : ['', ...failed]),
        '',
        'Next: llm providers show ID · llm providers test ID',
      ];
      await out.write(`${lines.join('\n')}\n`);
    } else {
      await out.write(endpointsTsv(rows));
    }
    return exitCodes.ok;
  });
}

/** Why a ping has failed, in words. */
function pingNote({ provider, endpoint, ping }: EndpointRow): readonly string[] {
  return ping === null || ping.ok ? [] : [printable(`  ${provider}/${endpoint}: ${ping.message ?? 'no reason given'}`)];
}

function endpointsTsv(rows: readonly EndpointRow[]): string {
  return tsv(
    [
      'provider',
      'profile',
      'endpoint',
      'region',
      'base_url',
      'key_present',
      'key_variable',
      'ping_ok',
      'ping_ms',
      'plugin',
    ],
    rows.map(({ provider, profile, endpoint, region, baseUrl, key, ping, plugin }) => [
      provider,
      profile,
      endpoint,
      region,
      baseUrl,
      String(key.present),
      key.variable,
      ping === null ? null : String(ping.ok),
      ping?.latencyMs ?? null,
      plugin,
    ]),
  );
}
