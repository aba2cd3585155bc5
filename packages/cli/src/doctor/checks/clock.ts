import { duration } from '../../output/time.js';
import { type Check, finding, ok, skipped } from '../check.js';
import { withoutConfig } from './config.js';

/** Days and windows begin at the wrong moment beyond it; servers tell the time in whole seconds. */
const maxSkewMs = 10_000;

export const clock: Check = {
  id: 'clock',
  title: 'Clock',
  about: 'whether this machine agrees with the servers about the time',
  network: true,
  async run(patient) {
    const broken = await withoutConfig(patient);
    if (broken !== null) return [broken];
    const looks = await Promise.all((await patient.places()).map((place) => patient.look(place)));
    const skews = looks.flatMap((look) => look.skewMs ?? []);
    const sorted = skews.sort((first, second) => first - second);
    const skew = sorted[Math.floor(sorted.length / 2)];
    if (skew === undefined) return [skipped('no server said what time it is')];
    if (Math.abs(skew) < maxSkewMs) return [ok('agrees with the servers to a few seconds')];
    const detail = `this machine is ${duration(Math.abs(skew))} ${skew > 0 ? 'ahead of' : 'behind'} the servers: days, prices and rate limits are counted by it`;
    return [finding('error', detail, ['Set the clock: timedatectl set-ntp true'])];
  },
};
