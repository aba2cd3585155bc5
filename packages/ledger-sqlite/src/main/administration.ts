import type { EndpointHealth, Ledger, LedgerAdmin } from '@vibe/core';
import { amountProblem } from './checks.js';
import type { LedgerParts } from './ledger-parts.js';

export function administration({ queue, ask }: LedgerParts): LedgerAdmin {
  return {
    calls: (query = {}) => ask('calls', query),
    holds: () => ask('holds', null),
    resolve: async (callId, how) => {
      await queue.task('resolve', { callId, how });
    },
    correct: async (callId, { deltaNanoUsd, reason }) => {
      const wrong = amountProblem(Math.abs(deltaNanoUsd), 'a correction');
      if (wrong !== null) throw wrong;
      await queue.task('correct', { callId, deltaNanoUsd, reason });
    },
    verify: () => ask('verify', null),
    rebuild: async () => {
      await queue.task('rebuild', null);
    },
  };
}

export function health({ queue, notices, ask }: LedgerParts): NonNullable<Ledger['health']> {
  const copyOf = ({ key, state, untilMs, latencyMs, updatedAtMs }: EndpointHealth): EndpointHealth => {
    return { key, state, untilMs, latencyMs, updatedAtMs };
  };
  const untold = ({ message }: Error) =>
    notices.warn('ledger_unavailable', `Other processes do not learn of endpoint health: ${message}`);
  return {
    read: () => ask('health', null),
    write: (changes) => void queue.task('health', changes.map(copyOf)).catch(untold),
    claim: async (key, probes, leaseMs) => {
      const place = await queue.task('claimProbe', { key, probes, leaseMs });
      if (place === null) return null;
      return () => void queue.task('releaseProbe', { key, place }).catch(untold);
    },
  };
}
