import { pluginsOf } from '@vibe/config';
import { forCalls } from '../../client.js';
import { createdParts } from '../../providers/open-providers.js';
import { type Check, type Finding, finding, ok, skipped } from '../check.js';
import { type Patient, type Place, pinged } from '../patient.js';
import { withoutConfig } from './config.js';

export const keys: Check = {
  id: 'keys',
  title: 'Keys',
  about: 'a key for each provider, and that each region takes its own',
  async run(patient) {
    const broken = await withoutConfig(patient);
    if (broken !== null) return [broken];
    const places = await patient.places();
    if (places.length === 0) return [finding('warning', 'no provider is configured', ['llm init'])];
    return (await Promise.all([...grouped(places)].map(([name, group]) => groupFindings(patient, name, group)))).flat();
  },
};

const groupOf = ({ provider }: Place) =>
  `${provider.id}${provider.profile === undefined ? '' : ` (${provider.profile})`}`;

function grouped(places: readonly Place[]): Map<string, Place[]> {
  const groups = new Map<string, Place[]>();
  for (const place of places) groups.set(groupOf(place), [...(groups.get(groupOf(place)) ?? []), place]);
  return groups;
}

/** One key is enough for a provider: the other regions are simply not used. */
async function groupFindings(patient: Patient, name: string, places: readonly Place[]): Promise<readonly Finding[]> {
  const withKey = places.filter(({ endpoint }) => endpoint.keyPresent());
  if (withKey.length === 0) {
    const variables = [...new Set(places.flatMap(({ endpoint }) => endpoint.keyName ?? []))];
    const detail = `${variables[0] ?? 'its key'} is not set (looked in: environment, keys file, configuration)`;
    return [finding('warning', detail, [`llm keys set ${places[0]?.provider.id ?? 'NAME'}`], `Keys ${name}`)];
  }
  if (patient.offline) {
    return withKey.map((place) => ok(`${sourceOf(patient, place)}; not tried (--offline)`, `Keys ${place.name}`));
  }
  return Promise.all(withKey.map((place) => tried(patient, place, places)));
}

async function tried(patient: Patient, place: Place, group: readonly Place[]): Promise<Finding> {
  const title = `Keys ${place.name}`;
  const { ok: isAccepted, status, message } = await patient.ping(place);
  const told = sourceOf(patient, place);
  if (isAccepted) return ok(`${told}, accepted`, title);
  // Gemini says 400 for a wrong key; the provider's own words say which.
  const isRefused = status === 401 || status === 403 || (status === 400 && /key/i.test(message ?? ''));
  if (!isRefused) return skipped(`${told}; could not be tried: ${message ?? 'no answer'}`, title);
  const other = await regionOfKey(patient, place, group);
  if (other === null) {
    const advice = [
      `llm keys set ${place.endpoint.keyName ?? place.provider.id}`,
      'Copy the key again, and look whether it is still valid.',
    ];
    return finding('error', `${told}, refused with HTTP ${status}: it is wrong or no longer valid`, advice, title);
  }
  const variable = other.endpoint.keyName ?? other.provider.id;
  const detail = `${told}, refused with HTTP ${status}: it is a key of the region ${other.endpoint.region}, where it is accepted`;
  return finding(
    'error',
    detail,
    [`llm keys set ${variable}     with this key, or take region: ${other.endpoint.region}`],
    title,
  );
}

function sourceOf({ session }: Patient, { endpoint }: Place): string {
  const { keyName } = endpoint;
  if (keyName === undefined) return 'needs no key of the environment';
  return (session.world.env[keyName]?.trim() ?? '') !== '' ? `key from env ${keyName}` : `key for ${keyName}`;
}

/**
 * A key of another region looks like a typo: every other region without a key of its own is asked whether it takes this one.
 * Free, and the key goes to places of the same provider only.
 */
async function regionOfKey(patient: Patient, refused: Place, group: readonly Place[]): Promise<Place | null> {
  const { session } = patient;
  const config = await patient.config();
  const { keyName } = refused.endpoint;
  const key = keyName === undefined ? undefined : session.world.env[keyName]?.trim() || config.secret(keyName);
  if (key === undefined || key === '') return null;
  const others = group.filter(({ endpoint }) => endpoint.keyName !== undefined && !endpoint.keyPresent());
  const inputs = await pluginsOf(config, { defaultPlugins: forCalls, resolveFrom: import.meta.url });
  for (const other of others) {
    // The same provider once more, with this key where the other region looks for its own.
    const parts = createdParts(session, inputs, (name) => (name === other.endpoint.keyName ? key : undefined));
    const provider = parts
      .map(({ part }) => part)
      .find(
        (part) => part.kind === 'provider' && part.id === other.provider.id && part.profile === other.provider.profile,
      );
    const endpoint =
      provider?.kind === 'provider' ? provider.endpoints.find(({ id }) => id === other.endpoint.id) : undefined;
    try {
      if (provider?.kind !== 'provider' || endpoint === undefined) continue;
      const answer = await pinged({ provider, endpoint }, session.world.signal);
      if (answer.ok) return other;
    } finally {
      await Promise.all(parts.map(({ part }) => ('close' in part ? part.close?.() : undefined)));
    }
  }
  return null;
}
