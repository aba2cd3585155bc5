import { isDeepStrictEqual } from 'node:util';
import { type Path, valueAt } from '../path.js';

/** A change of one value of a file. `value` undefined takes the key out. */
export interface Change {
  readonly path: Path;
  readonly value: unknown;
}

/** `root` after the change, or a sentence why it cannot be made there. Parents that a removal leaves empty go, too. */
export function applied(
  root: unknown,
  { path, value }: Change,
): { readonly value: unknown } | { readonly refusal: string } {
  const [step, ...rest] = path;
  if (step === undefined) return { value };
  const base = root ?? (typeof step === 'number' ? [] : {});
  if (typeof base !== 'object' || Array.isArray(base) !== (typeof step === 'number')) {
    return { refusal: typeof step === 'number' ? 'there is no list' : 'there is no mapping' };
  }
  if (typeof step === 'number' && step > (base as unknown[]).length) {
    return { refusal: `the list has ${(base as unknown[]).length} entries, counted from 0` };
  }
  const inner = applied(valueAt(base, [step]), { path: rest, value });
  if ('refusal' in inner) return inner;
  return { value: withStep(base, step, inner.value) };
}

function withStep(base: object, step: string | number, value: unknown): unknown {
  if (Array.isArray(base)) {
    const items = [...base];
    if (value === undefined) items.splice(step as number, 1);
    else items[step as number] = value;
    return items.length === 0 && value === undefined ? undefined : items;
  }
  const entries = Object.entries(base).filter(([key]) => key !== step);
  const at = Object.keys(base).indexOf(String(step));
  if (value !== undefined) entries.splice(at < 0 ? entries.length : at, 0, [String(step), value]);
  return entries.length === 0 && value === undefined ? undefined : Object.fromEntries(entries);
}

/** The change as it has to be made in a text: removals take what they leave empty with them. */
export function outermost(root: unknown, change: Change): Change {
  if (change.value !== undefined) return change;
  for (let length = 1; length < change.path.length; length++) {
    const path = change.path.slice(0, length);
    const inner = applied(valueAt(root, path), { path: change.path.slice(length), value: undefined });
    if ('value' in inner && inner.value === undefined) return { path, value: undefined };
  }
  return change;
}

export function sameValue(first: unknown, second: unknown): boolean {
  return isDeepStrictEqual(first, second);
}
