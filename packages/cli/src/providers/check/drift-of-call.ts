import { checkDrift, type DriftFinding, type DriftSnapshot, shapeOf } from '@vibe/contract-tests';
import { documentsOf, type Exchange } from './traffic-tap.js';

/** Which answer a call should have brought. */
export interface ExpectedTraffic {
  readonly kind: string;
  /** `refused`: an error is what was asked for. `cut`: only a part of the answer was read, so nothing can be missing. */
  readonly form: 'whole' | 'cut' | 'refused';
}

/**
 * What a service has changed in the answers of one call. Only answers of the expected kind are compared: an error in the
 * place of an answer says nothing about the answer's shape, and downloads are no wire. Null: there was none to compare.
 */
export function driftOfCall(
  snapshot: DriftSnapshot,
  { kind, form }: ExpectedTraffic,
  exchanges: readonly Exchange[],
): readonly DriftFinding[] | null {
  const documents = exchanges
    .filter(({ method, status }) => method === 'POST' && status >= 400 === (form === 'refused'))
    .flatMap(documentsOf);
  if (documents.length === 0) return null;
  const against = form === 'cut' ? partOf(snapshot, kind, documents) : snapshot;
  return checkDrift(against, [{ kind, documents }]).findings;
}

/** Of a cut answer only what has come is compared. */
function partOf(snapshot: DriftSnapshot, kind: string, documents: readonly unknown[]): DriftSnapshot {
  const expected = snapshot.kinds[kind];
  if (expected === undefined) return snapshot;
  const seen = shapeOf(documents, expected.opaque);
  const reads = Object.fromEntries(Object.entries(expected.reads).filter(([path]) => seen.has(path)));
  const knows = (expected.knows ?? []).filter((path) => seen.has(path));
  return {
    ...snapshot,
    kinds: { [kind]: { reads, optional: expected.optional ?? {}, knows, opaque: expected.opaque ?? [] } },
  };
}
