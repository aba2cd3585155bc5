import { type Annotated, entryOf, type Fields, type List, withEntries } from './annotated.js';
import { common, type MergeRule } from './rule.js';

/** Rules of all layers hold; two with the same tags become one with the regions that both allow (none: nothing may be sent). */
export const mergeCompliance: MergeRule = (general, specific, { path, overruled }) => {
  const merged = new Map<string, Fields>();
  for (const rule of [...rulesOf(general), ...rulesOf(specific)]) {
    const tags = JSON.stringify(Object.entries((entryOf(rule, 'tags') ?? {}) as Record<string, string>).sort());
    const before = merged.get(tags);
    if (before === undefined) {
      merged.set(tags, rule);
      continue;
    }
    const place = { path: [...path, [...merged.keys()].indexOf(tags), 'regions'], overruled };
    const allowed = common(regionsOf(before), regionsOf(rule), place);
    merged.set(tags, withEntries(rule, [['regions', allowed]]));
  }
  return { kind: 'list', items: [...merged.values()], origin: specific.origin };
};

function rulesOf(node: Annotated): readonly Fields[] {
  return node.kind === 'list' ? node.items.filter((item) => item.kind === 'fields') : [];
}

function regionsOf(rule: Fields): List {
  const regions = rule.entries.get('regions');
  return regions?.kind === 'list' ? regions : { kind: 'list', items: [], origin: rule.origin };
}
