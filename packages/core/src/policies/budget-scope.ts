import type { Budget } from '../spec/budget.js';
import type { Target } from '../spec/target.js';

/** Stands for the value of a tag that a call does not carry. */
export const noTag = '(none)';

const targetKeys = ['provider', 'endpoint', 'model'] as const;

/**
 * What a budget counts together, as text: `model=qwen-plus;tag.user=alice`, or `all`. Sorted, so that the same scope
 * always reads the same. Values are percent-encoded, so that `*`, `;` and `=` in them cannot be mistaken.
 * Null when the budget does not apply to the call.
 */
export function scopeOf(budget: Budget, tags: Readonly<Record<string, string>>, target: Target): string | null {
  const parts: string[] = [];
  for (const key of targetKeys) {
    const wanted = budget[key];
    if (wanted === undefined) continue;
    if (wanted !== target[key]) return null;
    parts.push(`${key}=${encode(wanted)}`);
  }
  for (const [tag, wanted] of Object.entries(budget.tags ?? {})) {
    const value = tagOf(tags, tag);
    if (wanted !== '*' && value !== wanted) return null;
    parts.push(`tag.${encode(tag)}=${encode(value ?? noTag)}`);
  }
  return parts.length === 0 ? 'all' : parts.sort().join(';');
}

/** The value of a tag. A tag may be called like something that every object has. */
export function tagOf(tags: Readonly<Record<string, string>>, tag: string): string | undefined {
  return Object.hasOwn(tags, tag) ? tags[tag] : undefined;
}

/** The scope with `*` where the budget has one per value, for gauges over all values. */
export function scopePattern(budget: Budget): string {
  const parts: string[] = [];
  for (const key of targetKeys) {
    const wanted = budget[key];
    if (wanted !== undefined) parts.push(`${key}=${encode(wanted)}`);
  }
  for (const [tag, wanted] of Object.entries(budget.tags ?? {})) {
    parts.push(`tag.${encode(tag)}=${wanted === '*' ? '*' : encode(wanted)}`);
  }
  return parts.length === 0 ? 'all' : parts.sort().join(';');
}

/** Whether a scope is one of those a pattern stands for. */
export function scopeMatches(pattern: string, scope: string): boolean {
  if (pattern === scope) return true;
  if (!pattern.includes('*')) return false;
  const wanted = pattern.split(';');
  const given = scope.split(';');
  if (wanted.length !== given.length) return false;
  return wanted.every((part, index) => {
    const value = given[index] ?? '';
    return part.endsWith('=*') ? value.startsWith(part.slice(0, -1)) : part === value;
  });
}

/** Whether a scope counts only some providers, endpoints or models. */
export function scopeNamesTarget(scope: string): boolean {
  return targetKeys.some((key) => scope.startsWith(`${key}=`) || scope.includes(`;${key}=`));
}

/** Whether a scope counts requests to this target. Its tags are not looked at. */
export function scopeCounts(scope: string, target: Target): boolean {
  const parts = scope.split(';');
  return targetKeys.every((key) => {
    const part = parts.find((candidate) => candidate.startsWith(`${key}=`));
    return part === undefined || part === `${key}=${encode(target[key])}`;
  });
}

/** A scope for people: `user alice`, `model qwen-plus`, `all calls`. */
export function describeScope(scope: string): string {
  if (scope === 'all') return 'all calls';
  return scope
    .split(';')
    .map((part) => {
      const [key = '', value = ''] = part.split('=');
      return `${decodeURIComponent(key.replace(/^tag\./, ''))} ${value === '*' ? '*' : decodeURIComponent(value)}`;
    })
    .join(', ');
}

function encode(text: string): string {
  return encodeURIComponent(text.toWellFormed()).replaceAll('*', '%2A');
}
