import type { ModelManifest } from '@vibe/core';
import { exitCodes } from '../exit-codes.js';
import { envelope } from '../output/envelope.js';
import { short } from '../output/numbers.js';
import { type Column, tsv } from '../output/table.js';
import { tableLines } from '../output/table-text.js';
import type { Session } from '../session.js';
import { endpointColumns, endpointRows } from './endpoint-rows.js';
import { findProvider, withPlugins } from './open-providers.js';

/** `llm providers show ID`: where the provider answers, and what each of its models can do. */
export function show(session: Session, id: string): Promise<number> {
  return withPlugins(session, async (plugins) => {
    const { provider, plugin } = findProvider(plugins, id);
    const { out, world, timezone } = session;
    const endpoints = await endpointRows(session, [{ provider, plugin }], false, plugins.config.secret);
    const { models } = provider;
    if (session.flags.json === true) {
      const rows = models.map((model) => modelRow(model));
      const content = { nowMs: world.now(), timezone, query: { provider: id }, plugin, endpoints, rows, warnings: [] };
      await out.write(envelope('vibe.provider/1', content));
    } else if (session.tables) {
      const lines = [
        out.colors.bold(`${id} · ${plugin} · ${models.length} models`),
        '',
        ...tableLines(session, endpointColumns(session, endpoints, false)),
        '',
        ...tableLines(session, modelColumns(models)),
        '',
        `Next: llm providers test ${id} · llm providers list --ping`,
      ];
      await out.write(`${lines.join('\n')}\n`);
    } else {
      await out.write(modelsTsv(models));
    }
    return exitCodes.ok;
  });
}

/** Every key is there; what the manifest does not say is null. */
function modelRow({
  id,
  operations,
  input,
  output,
  streams,
  tools,
  structured,
  reasoning,
  tier,
  ...rest
}: ModelManifest) {
  const { contextTokens = null, maxOutputTokens = null, aliases = [], endpoints = null } = rest;
  // `input` and `output` of other envelopes are the user's own: here they are kinds of parts.
  const modalities = { takes: input, gives: output };
  return {
    ...{ id, tier, operations, ...modalities, streams, tools, structured, reasoning },
    ...{ contextTokens, maxOutputTokens, aliases, endpoints },
  };
}

function modelColumns(models: readonly ModelManifest[]): readonly Column[] {
  return [
    { title: 'MODEL', cells: models.map(({ id }) => id) },
    { title: 'OPERATIONS', cells: models.map(({ operations }) => operations.join(', ')) },
    { title: 'TAKES', dropOrder: 2, cells: models.map(({ input }) => input.join(', ')) },
    { title: 'GIVES', dropOrder: 3, cells: models.map(({ output }) => output.join(', ')) },
    { title: 'ABLE', dropOrder: 4, cells: models.map(abilities) },
    { title: 'TIER', dropOrder: 5, cells: models.map(({ tier }) => tier) },
    { title: 'CONTEXT', align: 'right', dropOrder: 1, cells: models.map(({ contextTokens }) => limit(contextTokens)) },
    { title: 'MAX OUT', align: 'right', cells: models.map(({ maxOutputTokens }) => limit(maxOutputTokens)) },
    { title: 'ENDPOINTS', dropOrder: 6, cells: models.map(({ endpoints }) => endpoints?.join(', ') ?? 'all') },
  ];
}

function abilities({ streams, tools, structured, reasoning }: ModelManifest): string {
  const able = [
    ...(streams === 'only' ? ['streams only'] : streams ? ['streams'] : []),
    ...(tools ? ['tools'] : []),
    ...(structured ? ['json'] : []),
    ...(reasoning ? ['thinks'] : []),
  ];
  return able.length === 0 ? '–' : able.join(', ');
}

/** Unknown is said so, never 0. */
function limit(tokens: number | undefined): string {
  return tokens === undefined ? '–' : short(tokens);
}

function modelsTsv(models: readonly ModelManifest[]): string {
  return tsv(
    ['model', 'operations', 'takes', 'gives', 'able', 'tier', 'context_tokens', 'max_output_tokens', 'endpoints'],
    models.map((model) => [
      model.id,
      model.operations.join(','),
      model.input.join(','),
      model.output.join(','),
      abilities(model),
      model.tier,
      model.contextTokens ?? null,
      model.maxOutputTokens ?? null,
      model.endpoints?.join(',') ?? null,
    ]),
  );
}
