import { nearestName } from '@vibe/config';
import { UsageError } from '../usage-error.js';
import type { Check } from './check.js';
import { checks } from './checks/index.js';
import type { Patient, Place } from './patient.js';

/** What was asked for: checks, and the places that they look at. */
export interface Choice {
  readonly chosen: readonly Check[];
  readonly isMeant: (place: Place) => boolean;
}

/** What is looked at where a provider or an endpoint is named. */
const ofPlaces = ['keys', 'endpoints'];

/**
 * Names of checks (`keys`, or their title), of providers (`qwen`), or of single endpoints (`qwen/sg`); without any, all.
 * Throws a UsageError for a name that is neither.
 */
export async function choice(names: readonly string[], patient: Patient): Promise<Choice> {
  const ids = new Set<string>();
  const wanted = new Set<string>();
  for (const name of names) {
    const check = checks.find(({ id, title }) => id === name || title.toLowerCase() === name.toLowerCase());
    if (check === undefined) wanted.add(name);
    else ids.add(check.id);
  }
  if (wanted.size > 0) {
    await mustBeKnown(wanted, patient);
    for (const id of ofPlaces) ids.add(id);
  }
  return {
    chosen: names.length === 0 ? checks : checks.filter(({ id }) => ids.has(id)),
    isMeant: (place) => wanted.size === 0 || namesOf(place).some((name) => wanted.has(name)),
  };
}

async function mustBeKnown(wanted: ReadonlySet<string>, patient: Patient): Promise<void> {
  const ids = checks.map(({ id }) => id);
  // A configuration that is wrong is for its own check to tell.
  const places = await patient.places().catch(() => []);
  const known = [...ids, ...new Set(places.flatMap(namesOf))];
  for (const name of wanted) {
    if (known.includes(name)) continue;
    const meant = nearestName(name, known);
    const hint = meant === null ? `; there are ${known.join(', ')}` : ` (did you mean ${meant}?)`;
    throw new UsageError(`There is no check and no provider "${name}"${hint}.`, [
      'llm doctor --list-checks',
      'llm providers list',
    ]);
  }
}

/** `qwen`, `qwen/sg`; with a profile `qwen/sg (work)` as well. */
function namesOf({ provider, endpoint, name }: Place): readonly string[] {
  return [provider.id, `${provider.id}/${endpoint.id}`, name];
}
