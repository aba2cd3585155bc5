/** Helpers of this package's tests. */
import type { ChatCall, ChatRequest, OperationRequest, PluginHost, Provider, ProviderCall } from '@vibe/core';
import * as testing from '@vibe/testing';
import type { QwenOptions } from './options.js';
import { qwen } from './plugin.js';

export const testKey = 'sk-qwen-0123456789abcdef';

const host: PluginHost = { now: () => 0, random: () => 0, warn: () => {} };

/** The provider as `createVibe` makes it. */
export function provide(options: QwenOptions = {}): Provider {
  return qwen(options).create(host) as Provider;
}

const usualModel = 'qwen-plus';

/** A chat call of a provider as the chain makes it, of a stream unless it says otherwise. */
export function chatCall(
  provider: Provider,
  request: Partial<ChatRequest> = {},
  { model = usualModel, ...more }: testing.CallOptions & { readonly model?: string } = {},
): ChatCall {
  const asked = { operation: 'chat', request: { messages: [testing.user('Hello')], ...request } } as const;
  return testing.callOf(provider, asked, testing.modelOf(provider, model), { incremental: true, ...more });
}

/** Any call of a provider as the chain makes it; `model` is an id, and may be one that no manifest has. */
export function callOf(
  provider: Provider,
  asked: OperationRequest,
  model: string,
  more: testing.CallOptions = {},
): ProviderCall {
  const known = provider.models.find(({ id }) => id === model);
  return testing.callOf(provider, asked, known ?? { ...testing.modelOf(provider, usualModel), id: model }, more);
}
