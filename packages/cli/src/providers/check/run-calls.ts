import type { DriftFinding } from '@vibe/contract-tests';
import { type AnyInput, type AudioPart, type Part, VibeError } from '@vibe/core';
import type { KnownProvider } from '../known/known-provider.js';
import { type CallAnswer, type TestCall, Unexpected } from './calls.js';
import { driftOfCall } from './drift-of-call.js';
import { budgetId, type TestClient } from './test-client.js';
import { type Tapped, tapped } from './traffic-tap.js';

/** How one call of a test ended. */
export interface CallResult {
  readonly name: string;
  readonly model: string;
  readonly status: 'passed' | 'failed';
  /** Why it failed; null: it did not. */
  readonly message: string | null;
  /** Code of the error that ended it; null where the answer came and was not as it must be. */
  readonly errorCode: string | null;
  readonly callId: string | null;
  /** Null: unknown. */
  readonly costNanoUsd: number | null;
  /** Null: the answer could not be compared with what the adapter reads. */
  readonly drift: readonly DriftFinding[] | null;
}

/** What a call would cost at most; null when nobody knows. */
export interface PricedCall {
  readonly call: TestCall;
  readonly input: AnyInput;
  readonly worstCaseUsd: number | null;
}

/** The calls with their price, before any of them is made. `place` is the endpoint: `gemini@global`. */
export async function priced(
  { vibe, tags }: TestClient,
  calls: readonly TestCall[],
  place: string,
): Promise<readonly PricedCall[]> {
  return Promise.all(
    calls.map(async (call) => {
      const input = { ...call.input, model: `${place}/${call.model}`, tags, retry: { attempts: 1 } };
      return { call, input, worstCaseUsd: (await vibe.estimate(input)).worstCaseUsd };
    }),
  );
}

/** Makes the calls one after the other, and looks at what came over the wire. */
export async function runCalls(
  client: TestClient,
  calls: readonly PricedCall[],
  known: KnownProvider | null,
  signal: AbortSignal,
): Promise<readonly CallResult[]> {
  const results: CallResult[] = [];
  let sound: AudioPart | null = null;
  for (const { call, input } of calls) {
    signal.throwIfAborted();
    // A recognition has something to hear where a speech was made before.
    const asked: AnyInput = {
      ...(call.name === 'transcribe' && sound !== null ? { ...input, audio: sound } : input),
      signal,
    };
    const { result, exchanges }: Tapped<Attempt> = await tapped(() => attempt(call, client, asked));
    sound = result.content.find((part): part is Part & AudioPart => part.type === 'audio') ?? sound;
    const drift = known === null || call.traffic === null ? null : driftOfCall(known.shape, call.traffic, exchanges);
    const { content: _, ...outcome } = result;
    results.push({ name: call.name, model: call.model, ...outcome, drift });
  }
  return [...results, await ledgerResult(client, results)];
}

type Attempt = Omit<CallResult, 'name' | 'model' | 'drift'> & Pick<CallAnswer, 'content'>;

async function attempt(call: TestCall, { vibe }: TestClient, input: AnyInput): Promise<Attempt> {
  try {
    const answer = await call.run(vibe, input);
    return { status: 'passed', message: null, errorCode: null, ...answer };
  } catch (thrown) {
    const failed = { status: 'failed', content: [] } as const;
    if (thrown instanceof Unexpected)
      return { ...failed, message: thrown.message, errorCode: null, callId: null, costNanoUsd: null };
    const error = VibeError.from(thrown);
    const { message, code, callId = null, cost } = error;
    return { ...failed, message, errorCode: code, callId, costNanoUsd: cost?.actualNanoUsd ?? null };
  }
}

/** Whether the ledger has settled exactly what the calls have cost. */
async function ledgerResult({ vibe }: TestClient, results: readonly CallResult[]): Promise<CallResult> {
  await vibe.flush();
  const state = (await vibe.budgets()).find(({ id }) => id === budgetId);
  const spent = results.reduce((sum, { costNanoUsd }) => sum + (costNanoUsd ?? 0), 0);
  const isKnown = results.every(({ status, costNanoUsd }) => status === 'passed' && costNanoUsd !== null);
  const message =
    state === undefined
      ? 'the ledger has no row of this test'
      : state.heldNanoUsd !== 0
        ? `${state.heldNanoUsd} nano-USD are still held`
        : isKnown && state.spentNanoUsd !== spent
          ? `the ledger has ${state.spentNanoUsd} nano-USD, the calls say ${spent}`
          : null;
  return {
    name: 'ledger',
    model: '',
    status: message === null ? 'passed' : 'failed',
    message,
    errorCode: null,
    callId: null,
    costNanoUsd: state?.spentNanoUsd ?? null,
    drift: null,
  };
}
