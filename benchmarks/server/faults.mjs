import { errorBody } from './wire.mjs';

/** A call is never failed more often than this in a row. */
const mostInRow = 2;

const attempts = new Map();

export const resetFaults = () => attempts.clear();

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

/** The fault of this attempt, or null: decided by seed, call and attempt alone, so that every run fails alike. */
export function faultFor(body, { faults, seed }) {
  const call = Number(/call (\d+)/.exec(body.toString())?.[1]);
  const attempt = (attempts.get(call) ?? 0) + 1;
  attempts.set(call, attempt);
  if (attempt > mostInRow) return null;
  const chance = uniform(seed, call, attempt);
  return chance < faults ? kinds[Math.floor((chance / faults) * kinds.length)] : null;
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
