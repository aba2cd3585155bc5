import type { ErrorCode, VibeEvents } from '@vibe/core';
import type { Fault } from '@vibe/simulator';
import { failureOf } from '@vibe/testing';
import { describe, expect, it } from 'vitest';
import { wires } from './testing/wires.js';
import { useWorld } from './testing/world.js';

// With one target there is nowhere else to go: what a repetition does not mend makes exactly one request, and no wait.

const world = useWorld();

type Line = readonly [reason: string | number, code: ErrorCode];

const everywhere: readonly Line[] = [
  [400, 'provider_rejected'],
  [401, 'auth'],
  [402, 'provider_rejected'],
  [403, 'auth'],
  [404, 'model_not_found'],
  [405, 'provider_rejected'],
  [408, 'provider_unavailable'],
  [409, 'provider_rejected'],
  [410, 'provider_rejected'],
  [413, 'invalid_request'],
  [422, 'provider_rejected'],
  [425, 'provider_rejected'],
  [451, 'provider_rejected'],
];

const ofGemini: readonly Line[] = [
  ['api_key_invalid', 'auth'],
  ['no_key', 'auth'],
  ['key_leaked', 'auth'],
  ['unauthenticated', 'auth'],
  ['invalid_argument', 'provider_rejected'],
  ['location', 'region_blocked'],
  ['context_length', 'context_length'],
  ['model_not_found', 'model_not_found'],
  ['cancelled', 'provider_unavailable'],
  // a 429 that waiting does not mend
  ['per_day', 'provider_quota'],
  ['limit_zero', 'provider_quota'],
  ['spend_cap', 'provider_quota'],
];

const ofQwen: readonly Line[] = [
  ['invalid_parameter_error', 'provider_rejected'],
  ['context_length', 'context_length'],
  ['data_inspection_failed', 'content_filtered'],
  ['invalid_api_key', 'auth'],
  ['access_denied', 'auth'],
  ['model_not_found', 'model_not_found'],
  // unpaid, whatever the status
  ['arrearage', 'provider_quota'],
  ['free_tier_only', 'provider_quota'],
  ['free_quota_exceeded', 'provider_quota'],
  ['prepaid_bill_overdue', 'provider_quota'],
  ['postpaid_bill_overdue', 'provider_quota'],
  ['commodity_not_purchased', 'provider_quota'],
];

/** Where a service reads a status in its own way. */
const own: Readonly<Record<string, Readonly<Record<number, ErrorCode>>>> = {
  'qwen compatible': {
    402: 'provider_quota',
    409: 'provider_unavailable',
    425: 'provider_unavailable',
    451: 'region_blocked',
  },
  'qwen native': {
    ...{ 402: 'provider_quota', 409: 'provider_unavailable', 425: 'provider_unavailable', 451: 'region_blocked' },
    413: 'provider_rejected',
  },
};

describe.each(wires)('$name', (wire) => {
  const lines = [...everywhere, ...(wire.wire === 'gemini' ? ofGemini : ofQwen)];

  it.each(lines)('%s is asked once', async (reason, listed) => {
    const code = (typeof reason === 'number' ? own[wire.name]?.[reason] : undefined) ?? listed;
    const said = typeof reason === 'number' ? { status: reason } : { reason };
    const fault: Fault = { kind: 'status', ...said };
    for (const how of ['generate', 'stream'] as const) {
      world.simulator.reset();
      world.simulator.script({ fault });
      const vibe = world.light(wire.provider(world.simulator));
      const told: (keyof VibeEvents)[] = [];
      for (const event of ['retry', 'wait', 'failover'] as const) vibe.on(event, () => told.push(event));
      const request = { model: wire.model, prompt: 'Hi' };
      const error = await failureOf(how === 'generate' ? vibe.generate(request) : vibe.stream(request).final());
      expect(error.code).toBe(code);
      expect(error.attempts).toHaveLength(1);
      expect(world.simulator.stats().attempts.total).toBe(1);
      expect(told).toEqual([]);
    }
  });
});
