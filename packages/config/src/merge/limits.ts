import { type Annotated, entryOf, type Fields, noFields, withEntries } from './annotated.js';
import { keep, lower, type MergePlace, type MergeRule } from './rule.js';

const fields: Readonly<Record<string, MergeRule>> = {
  rpm: lower,
  tpm: lower,
  rpd: lower,
  concurrency: lower,
  burst: lowerBurst,
};

/**
 * For every target and every field the lower of what the two layers say. Within a layer the more specific pattern is what
 * its author wants; between layers it neither raises a less specific one (`qwen-plus` over `*`) nor escapes it. Where two
 * patterns overlap and neither contains the other (`gemini/*` and `qwen-plus`), what they share gets an entry of its own.
 */
export const mergeLimits: MergeRule = (general, specific, { path, overruled }) => {
  if (general.kind !== 'fields' || specific.kind !== 'fields') return specific;
  const merged = new Map(general.entries);
  for (const [pattern, entry] of specific.entries) {
    const before = merged.get(pattern);
    const joined = before?.kind === 'fields' && entry.kind === 'fields' ? withEntries(before, entry.entries) : entry;
    merged.set(pattern, joined);
  }
  for (const [field, rule] of Object.entries(fields)) {
    const [first, second] = [patternsWith(general, field), patternsWith(specific, field)];
    const stricter = (pattern: string): Annotated | undefined => {
      const [ours, theirs] = [inForce(general, pattern, field), inForce(specific, pattern, field)];
      if (ours === undefined || theirs === undefined) return ours ?? theirs;
      // What was written for a wider pattern is told about there.
      const told = second.includes(pattern) ? overruled : [];
      return rule(ours, theirs, { path: [...path, pattern, field], overruled: told });
    };
    for (const pattern of new Set([...first, ...second])) setField(merged, pattern, field, stricter(pattern));
    for (const pattern of overlaps(first, second)) {
      const limit = stricter(pattern);
      const without = inForce({ ...specific, entries: merged }, pattern, field);
      if (limit !== without) setField(merged, pattern, field, limit);
    }
  }
  return { ...specific, entries: merged };
};

function patternsWith(layer: Fields, field: string): readonly string[] {
  return [...layer.entries].flatMap(([name, entry]) => (fieldOf(entry, field) === undefined ? [] : [name]));
}

function fieldOf(entry: Annotated | undefined, field: string): Annotated | undefined {
  return entry?.kind === 'fields' ? entry.entries.get(field) : undefined;
}

function setField(merged: Map<string, Annotated>, pattern: string, field: string, value: Annotated | undefined): void {
  if (value === undefined) return;
  const entry = merged.get(pattern);
  merged.set(
    pattern,
    withEntries(entry?.kind === 'fields' ? entry : { ...noFields, origin: value.origin }, [[field, value]]),
  );
}

/** What a layer says for all that a pattern stands for: its most specific pattern that contains this one. */
function inForce(layer: Fields, pattern: string, field: string): Annotated | undefined {
  const asked = parsePattern(pattern);
  let found: { readonly limit: Annotated; readonly rank: number } | null = null;
  for (const [name, entry] of layer.entries) {
    const limit = fieldOf(entry, field);
    const parsed = parsePattern(name);
    if (limit === undefined || !contains(parsed, asked)) continue;
    if (found === null || rankOf(parsed) > found.rank) found = { limit, rank: rankOf(parsed) };
  }
  return found?.limit;
}

/** What two patterns share, where that is neither of them; the least specific first. */
function overlaps(first: readonly string[], second: readonly string[]): readonly string[] {
  const shared = new Map<string, number>();
  for (const one of first.map(parsePattern)) {
    for (const other of second.map(parsePattern)) {
      if (contains(one, other) || contains(other, one)) continue;
      const [provider, at, model] = parts.map((part) => one[part] ?? other[part]);
      const both: Pattern = { provider: provider ?? null, at: at ?? null, model: model ?? null };
      if (contains(one, both) && contains(other, both)) shared.set(patternText(both), rankOf(both));
    }
  }
  return [...shared].sort(([, left], [, right]) => left - right).map(([pattern]) => pattern);
}

/** Windows of different length cannot be compared, so the general one stays. */
function lowerBurst(general: Annotated, specific: Annotated, place: MergePlace): Annotated {
  if (general.kind !== 'fields' || specific.kind !== 'fields') return specific;
  if (entryOf(general, 'windowMs') !== entryOf(specific, 'windowMs')) return keep(general, specific, place);
  const limits = ['requests', 'tokens'].flatMap((field): [string, Annotated][] => {
    const [cap, own] = [general.entries.get(field), specific.entries.get(field)];
    if (cap === undefined) return own === undefined ? [] : [[field, own]];
    return [[field, own === undefined ? cap : lower(cap, own, { ...place, path: [...place.path, field] })]];
  });
  return withEntries(specific, limits);
}

/** Null stands for any. */
interface Pattern {
  readonly provider: string | null;
  readonly at: string | null;
  readonly model: string | null;
}

const parts = ['provider', 'at', 'model'] as const;

/** `*`, `qwen/*`, `qwen@sg/*`, `qwen-plus`, `qwen/qwen-plus`, `qwen@sg/qwen-plus`. */
function parsePattern(pattern: string): Pattern {
  const slash = pattern.indexOf('/');
  const model = pattern.slice(slash + 1);
  const [provider = null, at = null] = slash < 0 ? [] : pattern.slice(0, slash).split('@');
  return { provider, at, model: model === '*' ? null : model };
}

function patternText({ provider, at, model }: Pattern): string {
  const place = provider === null ? '' : `${provider}${at === null ? '' : `@${at}`}/`;
  return `${place}${model ?? '*'}`;
}

/** The order in which the client lets patterns override each other. */
function rankOf({ provider, at, model }: Pattern): number {
  return (model === null ? 0 : 4) + (provider === null ? 0 : 1) + (at === null ? 0 : 1);
}

function contains(wide: Pattern, narrow: Pattern): boolean {
  return parts.every((part) => wide[part] === null || wide[part] === narrow[part]);
}
