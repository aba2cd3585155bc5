import { formatPath, type Path } from '../path.js';
import { type Annotated, entryOf, type Fields, noFields } from './annotated.js';
import { mergeBudgets, underModeOf } from './budgets.js';
import { mergeCompliance } from './compliance.js';
import { mergeLimits } from './limits.js';
import { common, type MergeRule, type Overruled, stricter } from './rule.js';

/**
 * Where something else holds than "the more specific layer wins": safety settings, of which the stricter wins, so that
 * a project may lower what its user allows, but never raise it. Mappings are merged key by key; every list that is not
 * named here (`router.order`, `router.downgrade.steps`) is replaced as a whole. Plugins are merged in plugins/entries.ts.
 */
const rules: Readonly<Record<string, MergeRule>> = {
  mode: stricter('best_effort', 'strict_budget'),
  onUnpriced: stricter('warn', 'refuse'),
  dryRun: stricter(false, true),
  budgets: mergeBudgets,
  limits: mergeLimits,
  regions: common,
  'router.compliance': mergeCompliance,
};

export interface Merged {
  readonly values: Fields;
  readonly overruled: readonly Overruled[];
}

/** Merges layers, the least specific first. */
export function mergeLayers(layers: readonly Fields[]): Merged {
  const overruled: Overruled[] = [];
  const values = layers.reduce((general, specific) => {
    // Already strict: whoever made lax budgets beside it has meant them.
    const isStrict = entryOf(general, 'mode') === 'strict_budget';
    const before = isStrict ? general : underModeOf(specific, general, []);
    return mergeFields(before, underModeOf(general, specific, overruled), [], overruled);
  }, noFields);
  return { values, overruled };
}

function mergeFields(general: Fields, specific: Fields, path: Path, overruled: Overruled[]): Fields {
  const entries = new Map(general.entries);
  for (const [key, entry] of specific.entries) {
    const before = entries.get(key);
    entries.set(key, before === undefined ? entry : mergeEntry(before, entry, [...path, key], overruled));
  }
  return { ...specific, entries };
}

function mergeEntry(general: Annotated, specific: Annotated, path: Path, overruled: Overruled[]): Annotated {
  const rule = rules[formatPath(path)];
  if (rule !== undefined) return rule(general, specific, { path, overruled });
  if (general.kind === 'fields' && specific.kind === 'fields') return mergeFields(general, specific, path, overruled);
  return specific;
}
