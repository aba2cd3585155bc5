import { type AliasRow, dayMs } from './rows.js';

interface DatedAlias {
  readonly row: AliasRow;
  readonly fromMs: number;
  readonly toMs: number;
}

/** Aliases by provider and name. */
export type Aliases = ReadonlyMap<string, ReadonlyMap<string, readonly DatedAlias[]>>;

/** Gemini names models with and without this prefix, in requests and in `modelVersion`. */
export function bareModel(model: string): string {
  return model.startsWith('models/') ? model.slice('models/'.length) : model;
}

export function aliasesOf(rows: readonly AliasRow[]): Aliases {
  const aliases = new Map<string, Map<string, DatedAlias[]>>();
  for (const row of rows) {
    const names = aliases.get(row.provider) ?? new Map<string, DatedAlias[]>();
    aliases.set(row.provider, names);
    const dated = names.get(row.alias) ?? [];
    names.set(row.alias, dated);
    dated.push({
      row,
      fromMs: dayMs(row.effectiveFrom),
      toMs: row.effectiveTo === undefined ? Number.POSITIVE_INFINITY : dayMs(row.effectiveTo),
    });
  }
  return aliases;
}

/** The model behind a name at that time. */
export function targetOf(
  aliases: Aliases,
  provider: string,
  name: string,
  kind: AliasRow['kind'],
  atMs: number,
): string | undefined {
  const dated = aliases.get(provider)?.get(name);
  return dated?.find((alias) => alias.row.kind === kind && atMs >= alias.fromMs && atMs < alias.toMs)?.row.model;
}
