import { formatPath, type Path } from '../path.js';
import { type Annotated, plainOf } from './annotated.js';

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

/** The general value wins, and it is noted that the specific one does not. */
export function keep(general: Annotated, specific: Annotated, { path, overruled }: MergePlace): Annotated {
  overruled.push({
    path: formatPath(path),
    value: plainOf(specific),
    origin: specific.origin,
    by: general.origin,
  });
  return general;
}
