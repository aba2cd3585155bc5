import { breakField } from './break-field.js';
import { shapeOf } from './shape.js';

/** What comes of some documents, such as the result of a call that they answer. A throw is an outcome too. */
export type Outcome = (documents: readonly unknown[]) => Promise<unknown>;

/**
 * The paths that are read in some documents: those whose absence or another type changes the outcome. It proves that a
 * snapshot names every field its adapter reads. The outcome must be the same for the same documents: leave ids and times
 * that are made up out of it. `opaque` as in a snapshot.
 */
export async function readPaths(
  documents: readonly unknown[],
  outcome: Outcome,
  opaque: readonly string[] = [],
): Promise<readonly string[]> {
  const before = await told(documents, outcome);
  const read: string[] = [];
  for (const path of shapeOf(documents, opaque).keys()) {
    if (path.endsWith('[]')) continue;
    for (const breakage of ['retyped', 'removed'] as const) {
      if ((await told(breakField(documents, path, breakage), outcome)) === before) continue;
      read.push(path);
      break;
    }
  }
  return read;
}

async function told(documents: readonly unknown[], outcome: Outcome): Promise<string> {
  try {
    return JSON.stringify(await outcome(documents)) ?? 'undefined';
  } catch (error) {
    return `thrown: ${JSON.stringify(error)} ${error instanceof Error ? error.message : String(error)}`;
  }
}
