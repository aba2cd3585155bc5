import { type Check, type Finding, finding, ok, skipped } from '../check.js';
import type { Patient, Place } from '../patient.js';
import { withoutConfig } from './config.js';

export const endpoints: Check = {
  id: 'endpoints',
  title: 'Endpoints',
  about: 'name, connection and TLS of each endpoint, and its list of models where there is a key; free',
  network: true,
  async run(patient) {
    const broken = await withoutConfig(patient);
    if (broken !== null) return [broken];
    return Promise.all((await patient.places()).map((place) => reached(patient, place)));
  },
};

async function reached(patient: Patient, place: Place): Promise<Finding> {
  const title = `Endpoint ${place.name}`;
  const { problem, reached: far, latencyMs } = await patient.look(place);
  const isUsed = place.endpoint.keyPresent();
  if (problem !== null) {
    const advice =
      far === 'nothing'
        ? ['Check the address in the configuration, the network and its DNS.']
        : ['Check the network, a proxy or firewall, and the address in the configuration.'];
    return finding(isUsed ? 'error' : 'warning', problem, advice, title);
  }
  const way = new URL(place.endpoint.baseUrl).protocol === 'https:' ? 'DNS and TLS' : 'DNS and connection';
  if (!isUsed) return skipped(`${way} ${latencyMs} ms; no key, so nothing was asked`, title);
  const answer = await patient.ping(place);
  if (answer.ok) return ok(`${way} ${latencyMs} ms · models ${answer.status ?? 200} in ${answer.latencyMs} ms`, title);
  // What a refused key means is for the check of keys to say; the endpoint is there.
  if (answer.status !== undefined && answer.status < 500)
    return ok(`${way} ${latencyMs} ms · answers with HTTP ${answer.status}`, title);
  return finding(
    'error',
    `${way} ${latencyMs} ms, but ${answer.message ?? 'no answer'}`,
    ['Try again in a minute; calls fail over meanwhile.'],
    title,
  );
}
