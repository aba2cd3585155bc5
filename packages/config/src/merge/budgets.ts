import { type Annotated, annotate, entryOf, type Fields, noFields, plainOf, withEntries } from './annotated.js';
import { lower, type MergePlace, type MergeRule, type Overruled, stricter } from './rule.js';

/**
 * All budgets of all layers are in force. The same budget in two layers (same window, time zone and scope) becomes one:
 * the lowest limit, strict before best effort, and every threshold of `warnAt`. A shadow is another budget than an enforced
 * one: neither frees a layer from the other's limit, nor is a limit that is only tried out enforced.
 */
export const mergeBudgets: MergeRule = (general, specific, { path, overruled }) => {
  const merged = new Map<string, Fields>();
  for (const item of [...itemsOf(general), ...itemsOf(specific)]) {
    const identity = identityOf(item);
    const before = merged.get(identity);
    const place = {
      path: [...path, before === undefined ? merged.size : [...merged.keys()].indexOf(identity)],
      overruled,
    };
    merged.set(identity, before === undefined ? item : mergeBudget(before, item, place));
  }
  return { kind: 'list', items: [...merged.values()], origin: specific.origin };
};

function itemsOf(node: Annotated): readonly Fields[] {
  return node.kind === 'list' ? node.items.filter((item) => item.kind === 'fields') : [];
}

/** What makes two budgets count the same money. */
function identityOf(budget: Fields): string {
  const tags = Object.entries((entryOf(budget, 'tags') ?? {}) as Record<string, string>).sort();
  const scope = ['window', 'timezone', 'provider', 'model', 'endpoint'].map((key) => entryOf(budget, key) ?? null);
  return JSON.stringify([...scope, tags, entryOf(budget, 'shadow') === true]);
}

/**
 * Where one layer wants all calls strict, the budgets of another one are no way around it: the mode of a budget decides for
 * the calls that it counts. In one layer that is what its author wants.
 */
export function underModeOf(other: Fields, layer: Fields, overruled: Overruled[]): Fields {
  const mode = other.entries.get('mode');
  const budgets = layer.entries.get('budgets');
  if (mode === undefined || plainOf(mode) !== 'strict_budget' || budgets?.kind !== 'list') return layer;
  const theirs = itemsOf(other.entries.get('budgets') ?? noFields).map(identityOf);
  const places = [...new Set(theirs)];
  const items = itemsOf(budgets).map((item) => {
    const identity = identityOf(item);
    if (!places.includes(identity)) places.push(identity);
    const own = item.entries.get('mode');
    if (own === undefined || theirs.includes(identity)) return item;
    const place = { path: ['budgets', places.indexOf(identity), 'mode'], overruled };
    return withEntries(item, [['mode', strictMode(mode, own, place)]]);
  });
  return withEntries(layer, [['budgets', { ...budgets, items }]]);
}

const strictMode = stricter('best_effort', 'strict_budget');

function mergeBudget(general: Fields, specific: Fields, place: MergePlace): Fields {
  const at = (key: string): MergePlace => ({ ...place, path: [...place.path, key] });
  const merged = withEntries(general, specific.entries);
  const changes: [string, Annotated][] = [];
  const both = (key: string, rule: MergeRule) => {
    const [first, second] = [general.entries.get(key), specific.entries.get(key)];
    if (first !== undefined && second !== undefined) changes.push([key, rule(first, second, at(key))]);
  };
  both('limitUsd', lower);
  both('mode', strictMode);
  both('warnAt', union);
  return dropLaxMode(withEntries(merged, changes), general, specific);
}

/** Without a mode a budget has the client's. `best_effort` from one layer must not free the other layer's budget from it. */
function dropLaxMode(merged: Fields, general: Fields, specific: Fields): Fields {
  const saidByBoth = general.entries.has('mode') && specific.entries.has('mode');
  if (saidByBoth || entryOf(merged, 'mode') !== 'best_effort') return merged;
  return { ...merged, entries: new Map([...merged.entries].filter(([key]) => key !== 'mode')) };
}

const union: MergeRule = (general, specific) => {
  const thresholds = [...(plainOf(general) as number[]), ...(plainOf(specific) as number[])];
  return annotate(
    [...new Set(thresholds)].sort((first, second) => first - second),
    () => specific.origin,
  );
};
