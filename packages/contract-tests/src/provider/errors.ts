import { AssertionError, ok, strictEqual } from 'node:assert/strict';
import { type ErrorCode, VibeError } from '@vibe/core';
import { describeThrown } from '../expect.js';
import { type ProviderTest, test } from './provider-test.js';
import { partsOf, read } from './reading.js';
import type { Scene } from './scene.js';
import { assertNoSecret } from './secrets.js';
import type { SituationName } from './situations.js';

/** What a failure of the service must become. */
interface Failure {
  readonly situation: SituationName;
  readonly codes: readonly ErrorCode[];
  /** Unset: the code says it well enough. */
  readonly retryable?: boolean;
  /** Whether the caller pays for what the service may have worked on. Unset: the code says it well enough. */
  readonly mayBeBilled?: boolean;
  /** The answer had begun: it can only happen in a stream. */
  readonly inAnswer?: boolean;
}

const failures: readonly Failure[] = [
  { situation: 'badKey', codes: ['auth'], retryable: false, mayBeBilled: false },
  { situation: 'rateLimited', codes: ['provider_rate_limited'], retryable: true, mayBeBilled: false },
  { situation: 'rateLimitedWithoutHint', codes: ['provider_rate_limited'], retryable: true, mayBeBilled: false },
  { situation: 'serverError', codes: ['provider_unavailable'], retryable: true },
  { situation: 'overloaded', codes: ['provider_unavailable'], retryable: true },
  { situation: 'rejected', codes: ['provider_rejected', 'invalid_request'], retryable: false, mayBeBilled: false },
  { situation: 'unreadable', codes: ['invalid_response', 'stream_truncated'], mayBeBilled: true },
  { situation: 'resetBeforeAnswer', codes: ['provider_unavailable'], retryable: true },
  { situation: 'resetInAnswer', codes: ['provider_unavailable', 'stream_truncated'], inAnswer: true },
  { situation: 'truncated', codes: ['stream_truncated'], inAnswer: true, mayBeBilled: true },
];

/** Failures have the code of the table, are told once, and show no key. */
export const errors: readonly ProviderTest[] = failures.flatMap((failure) => [
  ...(failure.inAnswer === true ? [] : [testOf(failure, false)]),
  testOf(failure, true),
]);

function testOf(failure: Failure, incremental: boolean): ProviderTest {
  const how = incremental ? 'streamed' : 'whole';
  const applies = incremental ? undefined : ({ chat }: { chat: unknown }) => chat !== null;
  return test(
    failure.situation,
    `reports "${failure.situation}" as ${failure.codes.join(' or ')} (${how})`,
    (scene) => fails(scene, failure, incremental),
    applies ?? (({ streaming }) => streaming !== null),
  );
}

async function fails(scene: Scene<SituationName>, failure: Failure, incremental: boolean): Promise<void> {
  const model = incremental ? scene.abilities.streaming : scene.chatModel;
  const { events, thrown } = await read(scene, scene.call({ model, incremental }));
  if (thrown === null)
    throw new AssertionError({ message: `it ended with ${events.at(-1)?.type ?? 'nothing'} instead of an error` });
  ok(!events.some(({ type }) => type === 'final'), 'no final before an error');
  if (failure.inAnswer === true) ok(partsOf(events).length > 0, 'what had arrived was handed on');
  const { error } = thrown;
  assertNoSecret(error, scene.secrets, 'the error');
  if (!VibeError.is(error)) throw new AssertionError({ message: `a VibeError, not ${describeThrown(error)}` });
  ok(failure.codes.includes(error.code), `${error.code} is one of ${failure.codes.join(', ')}: ${error.message}`);
  if (failure.retryable !== undefined) strictEqual(error.retryable, failure.retryable, 'retryable');
  // a refusal is not work that was done: the estimate would be charged for it
  if (failure.mayBeBilled !== undefined) strictEqual(error.mayBeBilled, failure.mayBeBilled, 'mayBeBilled');
  ok(error.message.trim() !== '', 'it says what happened');
  assertHint(scene, error);
  strictEqual(scene.situation.requests().length, 1, 'one call is one request: repeating it is for the chain to decide');
}

/** A hint is known or it is not; 0 would mean at once. */
function assertHint(scene: Scene<SituationName>, error: VibeError): void {
  const { situation } = scene;
  if (!('retryAfterMs' in situation)) {
    ok(error.retryAfterMs === undefined, `nobody said how long to wait, the error says ${error.retryAfterMs} ms`);
    return;
  }
  // A hint in seconds, or as a date, is rounded.
  const differenceMs = Math.abs((error.retryAfterMs ?? Number.NaN) - situation.retryAfterMs);
  ok(differenceMs <= 1_000, `the service asked for ${situation.retryAfterMs} ms, the error says ${error.retryAfterMs}`);
}
