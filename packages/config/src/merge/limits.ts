import { type Annotated, entryOf, type Fields, withEntries } from './annotated.js';
import { keep, lower, type MergePlace, type MergeRule } from './rule.js';

const numbers = ['rpm', 'tpm', 'rpd', 'concurrency'];

/**
 * The lower limit wins, field by field. Patterns count as well: of two patterns that may meet in one target the client
 * applies the more specific one, so `qwen-plus` in a project is capped by what its user says for `qwen/*` or `*`.
 */
export const mergeLimits: MergeRule = (general, specific, { path, overruled }) => {
  if (general.kind !== 'fields' || specific.kind !== 'fields') return specific;
  const merged = new Map(general.entries);
  for (const [pattern, entry] of specific.entries) {
    if (entry.kind !== 'fields') continue;
    const before = general.entries.get(pattern);
    const caps = numbers.map((field) => [field, capOf(general, pattern, field)] as const);
    const capped: [string, Annotated][] = caps.flatMap(([field, cap]): [string, Annotated][] => {
      const own = entry.entries.get(field);
      if (own === undefined || cap === null) return [];
      return [[field, lower(cap, own, { path: [...path, pattern, field], overruled })]];
    });
    const ownBurst = entry.entries.get('burst');
    const burst = burstOf(general, pattern);
    if (ownBurst !== undefined && burst !== null) {
      capped.push(['burst', lowerBurst(burst, ownBurst, { path: [...path, pattern, 'burst'], overruled })]);
    }
    const base = before?.kind === 'fields' ? withEntries(before, entry.entries) : entry;
    merged.set(pattern, withEntries(base, capped));
  }
  return { ...specific, entries: merged };
};

/** The lowest limit that the general layers set for targets this pattern may stand for, by patterns it would override. */
function capOf(general: Fields, pattern: string, field: string): Annotated | null {
  const own = parsePattern(pattern);
  let lowest: Annotated | null = null;
  for (const [other, entry] of general.entries) {
    const limit = entry.kind === 'fields' ? entry.entries.get(field) : undefined;
    const parsed = parsePattern(other);
    if (limit?.kind !== 'single' || rankOf(parsed) > rankOf(own) || !mayMeet(parsed, own)) continue;
    if (lowest?.kind !== 'single' || Number(limit.value) < Number(lowest.value)) lowest = limit;
  }
  return lowest;
}

/** The most specific burst that the general layers set for targets this pattern may stand for. */
function burstOf(general: Fields, pattern: string): Fields | null {
  const own = parsePattern(pattern);
  let found: { readonly burst: Fields; readonly rank: number } | null = null;
  for (const [other, entry] of general.entries) {
    const burst = entry.kind === 'fields' ? entry.entries.get('burst') : undefined;
    const parsed = parsePattern(other);
    const rank = rankOf(parsed);
    if (burst?.kind !== 'fields' || rank > rankOf(own) || !mayMeet(parsed, own)) continue;
    if (found === null || rank >= found.rank) found = { burst, rank };
  }
  return found?.burst ?? null;
}

/** Windows of different length cannot be compared, so the general one stays. */
function lowerBurst(general: Fields, specific: Annotated, place: MergePlace): Annotated {
  if (specific.kind !== 'fields' || entryOf(general, 'windowMs') !== entryOf(specific, 'windowMs'))
    return keep(general, specific, place);
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

/** `*`, `qwen/*`, `qwen@sg/*`, `qwen-plus`, `qwen/qwen-plus`, `qwen@sg/qwen-plus`. */
function parsePattern(pattern: string): Pattern {
  const slash = pattern.indexOf('/');
  const model = pattern.slice(slash + 1);
  const [provider = null, at = null] = slash < 0 ? [] : pattern.slice(0, slash).split('@');
  return { provider, at, model: model === '*' ? null : model };
}

/** The order in which the client lets patterns override each other. */
function rankOf({ provider, at, model }: Pattern): number {
  return (model === null ? 0 : 4) + (provider === null ? 0 : 1) + (at === null ? 0 : 1);
}

function mayMeet(first: Pattern, second: Pattern): boolean {
  return (['provider', 'at', 'model'] as const).every(
    (part) => first[part] === null || second[part] === null || first[part] === second[part],
  );
}
