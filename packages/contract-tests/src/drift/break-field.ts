/** What can happen to a field of somebody else's wire. */
export type Breakage = 'removed' | 'renamed' | 'retyped';

/**
 * The documents with one field changed wherever it stands: to prove that a drift check notices. `path` is one of a
 * snapshot, such as `candidates[].finishReason`.
 */
export function breakField(documents: readonly unknown[], path: string, breakage: Breakage): unknown[] {
  const copies = structuredClone(documents) as unknown[];
  const steps = path.split('.').flatMap((step) => step.split(/(?=\[\])/));
  for (const copy of copies) change(copy, steps, breakage);
  return copies;
}

function change(here: unknown, [step, ...rest]: readonly string[], breakage: Breakage): void {
  if (step === undefined || typeof here !== 'object' || here === null) return;
  if (step === '[]') {
    if (!Array.isArray(here)) return;
    if (rest.length > 0) for (const item of here) change(item, rest, breakage);
    else here.splice(0, here.length, ...here.flatMap((item) => (breakage === 'retyped' ? [retyped(item)] : [])));
    return;
  }
  const object = here as Record<string, unknown>;
  if (!Object.hasOwn(object, step)) return;
  if (rest.length > 0) {
    change(object[step], rest, breakage);
    return;
  }
  const value = object[step];
  delete object[step];
  if (breakage === 'renamed') object[`${step}V2`] = value;
  if (breakage === 'retyped') object[step] = retyped(value);
}

function retyped(value: unknown): unknown {
  return typeof value === 'boolean' ? 'yes' : true;
}
