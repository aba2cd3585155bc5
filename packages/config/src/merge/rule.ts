import { formatPath, type Path } from '../path.js';
import { type Annotated, type List, plainOf } from './annotated.js';

/** A more specific value that did not win, because a safety setting of a more general layer is stricter. */
export interface Overruled {
  readonly path: string;
  readonly value: unknown;
  /** Where the value stands that is not in force. */
  readonly origin: string;
  /** Where the one stands that is. */
  readonly by: string;
}

export interface MergePlace {
  readonly path: Path;
  /** Taken note of here. */
  readonly overruled: Overruled[];
}

/** How two values of the same key become one. */
export type MergeRule = (general: Annotated, specific: Annotated, place: MergePlace) => Annotated;

/** The stricter of two values wins; `ranks` goes from lax to strict. */
export function stricter(...ranks: readonly unknown[]): MergeRule {
  return (general, specific, place) => {
    if (ranks.indexOf(plainOf(specific)) >= ranks.indexOf(plainOf(general))) return specific;
    return keep(general, specific, place);
  };
}

/** The lower of two numbers wins. */
export const lower: MergeRule = (general, specific, place) =>
  Number(plainOf(specific)) <= Number(plainOf(general)) ? specific : keep(general, specific, place);

/** Of two lists of what is allowed only what is in both stays, in the specific order; none in both: nothing is allowed. */
export const common: MergeRule = (general, specific, place) => {
  if (general.kind !== 'list' || specific.kind !== 'list') return specific;
  const allowed = new Set(general.items.map(plainOf));
  const kept: List = { ...specific, items: specific.items.filter((item) => allowed.has(plainOf(item))) };
  if (kept.items.length < specific.items.length) noteOverruled(specific, general, place);
  return kept;
};

function noteOverruled(lost: Annotated, winner: Annotated, { path, overruled }: MergePlace): void {
  overruled.push({ path: formatPath(path), value: plainOf(lost), origin: lost.origin, by: winner.origin });
}

/** The general value wins, and it is noted that the specific one does not. */
export function keep(general: Annotated, specific: Annotated, place: MergePlace): Annotated {
  noteOverruled(specific, general, place);
  return general;
}
