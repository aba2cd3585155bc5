import { errorBody } from './wire.mjs';

/** A call is never failed more often than this in a row. */
const mostInRow = 2;

const hintMs = 1_000;

const attempts = new Map();
const closedUntilMs = new Map();

export function resetFaults() {
  attempts.clear();
  closedUntilMs.clear();
}

const limited = errorBody('Rate limit reached, try again in a second.', 'rate_limit_exceeded');
const overloaded = errorBody('The server is overloaded.', 'server_error');

const kinds = [
  {
    kind: '429',
    send: (response) => {
      response.writeHead(429, { 'content-type': 'application/json', 'retry-after': '1' });
      response.end(limited);
    },
  },
  {
    kind: '503',
    send: (response) => {
      response.writeHead(503, { 'content-type': 'application/json' });
      response.end(overloaded);
    },
  },
  { kind: 'reset', send: (response) => response.socket.resetAndDestroy() },
];

/**
 * The fault of this attempt, or null: decided by seed, call and attempt alone, so that every run fails alike. `stats`
 * counts attempts of a call to the same endpoint that come before the time an answer named.
 */
export function faultFor(url, body, { faults, seed }, stats) {
  const call = Number(/call (\d+)/.exec(body.toString())?.[1]);
  const attempt = (attempts.get(call) ?? 0) + 1;
  attempts.set(call, attempt);
  const place = `${call} ${url}`;
  if (performance.now() < (closedUntilMs.get(place) ?? 0)) stats.tooEarly++;
  if (attempt > mostInRow) return null;
  const chance = uniform(seed, call, attempt);
  if (chance >= faults) return null;
  const fault = kinds[Math.floor((chance / faults) * kinds.length)];
  if (fault.kind === '429') closedUntilMs.set(place, performance.now() + hintMs);
  stats.faults[fault.kind]++;
  return fault;
}

/** Uniform in [0, 1), the same for the same numbers (murmur3's finalizer over a mix of them). */
function uniform(...numbers) {
  let hash = 0x9e3779b9;
  for (const number of numbers) {
    hash = Math.imul(hash ^ number, 0x85ebca6b);
    hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
    hash ^= hash >>> 16;
  }
  return (hash >>> 0) / 2 ** 32;
}
