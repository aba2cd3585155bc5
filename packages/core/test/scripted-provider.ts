import { VibeError } from '../src/errors/vibe-error.js';
import type { ProviderEvent, ProviderResult } from '../src/spec/event.js';
import type { Pricing } from '../src/spec/pricing.js';
import type { ModelManifest, Provider, ProviderCall } from '../src/spec/provider.js';
import type { Region } from '../src/spec/target.js';

/** What the provider does in one physical request. */
export type Script = (call: ProviderCall) => AsyncIterable<ProviderEvent>;

export interface ScriptedProvider extends Provider {
  /** Every physical request, in order. */
  readonly calls: ProviderCall[];
  /** Requests whose iteration has not ended. */
  readonly open: Set<ProviderCall>;
}

export interface ScriptedOptions {
  readonly id?: string;
  readonly models?: readonly (Partial<ModelManifest> & { readonly id: string })[];
  readonly endpoints?: readonly { readonly id: string; readonly region: Region; readonly hasKey?: boolean }[];
}

const manifest: Omit<ModelManifest, 'id'> = {
  operations: ['chat'],
  input: ['text'],
  output: ['text'],
  streams: true,
  tools: true,
  structured: false,
  reasoning: false,
  tier: 'standard',
  contextTokens: 100_000,
  maxOutputTokens: 1_000,
};

/** A provider without a network: request n runs `scripts[n]`, and the last script repeats. */
export function scripted(scripts: Script | readonly Script[], options: ScriptedOptions = {}): ScriptedProvider {
  const list = typeof scripts === 'function' ? [scripts] : scripts;
  const calls: ProviderCall[] = [];
  const open = new Set<ProviderCall>();
  return {
    kind: 'provider',
    id: options.id ?? 'acme',
    calls,
    open,
    endpoints: (options.endpoints ?? [{ id: 'main', region: 'global' }]).map(({ id, region, hasKey = true }) => ({
      id,
      region,
      baseUrl: `https://${id}.example`,
      keyPresent: () => hasKey,
      keyName: `ACME_KEY_${id.toUpperCase()}`,
    })),
    models: (options.models ?? [{ id: 'acme-1' }]).map((model) => ({ ...manifest, ...model })),
    stream(call) {
      const script = list[Math.min(calls.length, list.length - 1)] as Script;
      calls.push(call);
      open.add(call);
      return tracked(script(call), () => open.delete(call));
    },
  };
}

async function* tracked(events: AsyncIterable<ProviderEvent>, ended: () => void): AsyncGenerator<ProviderEvent> {
  try {
    yield* events;
  } finally {
    ended();
  }
}

/** Says the words one by one; 10 input tokens and one output token per word. */
export function says(...words: readonly string[]): Script {
  return async function* () {
    for (const text of words) yield { type: 'delta', part: { type: 'text', text }, text };
    yield { type: 'final', result: resultOf(words.join(''), words.length) };
  };
}

export function resultOf(text: string, outputTokens: number): ProviderResult {
  return {
    content: [{ type: 'text', text }],
    finishReason: 'stop',
    rawFinishReason: 'STOP',
    usage: { quantities: { input_token: 10, output_token: outputTokens }, unknown: false, source: 'provider' },
    servedModel: 'acme-1-0001',
    requestId: 'request-1',
  };
}

export function fails(...args: ConstructorParameters<typeof VibeError>): Script {
  return throws(new VibeError(...args));
}

/** Throws before the first event. */
export function throws(error: unknown): Script {
  // biome-ignore lint/correctness/useYield: it fails before the first event
  return async function* () {
    throw error;
  };
}

/** Never answers and does not hear its signal. */
export function hangs(): Script {
  return async function* () {
    await new Promise(() => undefined);
  };
}

/** Says the words, then fails. */
export function saysThenFails(words: readonly string[], ...args: ConstructorParameters<typeof VibeError>): Script {
  return async function* () {
    for (const text of words) yield { type: 'delta', part: { type: 'text', text }, text };
    throw new VibeError(...args);
  };
}

/** Says the words, then waits until it is aborted. */
export function saysThenHangs(...words: readonly string[]): Script {
  return async function* ({ signal }) {
    for (const text of words) yield { type: 'delta', part: { type: 'text', text }, text };
    await new Promise((_, reject) => {
      if (signal.aborted) return reject(signal.reason);
      signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    });
  };
}

/** 1,000 nano-USD per input token, 2,000 per output token, for every model except those named `…-unpriced`. */
export const testPrices: Pricing = {
  kind: 'pricing',
  price({ model, usage }) {
    if (model.endsWith('-unpriced')) return null;
    const factor = model.endsWith('-cheap') ? 1 : 10;
    const lines = Object.entries(usage.quantities).map(([unit, quantity = 0]) => {
      const nanoUsd = quantity * factor * (unit.startsWith('input') ? 100 : 200);
      return { unit, quantity, nanoUsd, usd: nanoUsd / 1e9, priceId: `test/${model}/${unit}` };
    });
    return {
      lines,
      totalNanoUsd: lines.reduce((sum, line) => sum + line.nanoUsd, 0),
      priceIds: lines.map((line) => line.priceId),
      currency: 'USD',
      fxRate: null,
    };
  },
  rates: () => [],
};

export async function failure(promise: Promise<unknown>): Promise<VibeError> {
  const error: unknown = await promise.catch((thrown: unknown) => thrown);
  if (!VibeError.is(error)) throw new Error(`expected a VibeError, got ${String(error)}`);
  return error;
}
