/** Helpers of this package's tests. */
import type { ChatCall, ChatRequest, PluginHost, Provider } from '@vibe/core';
import { type CallOptions, callOf, modelOf, user } from '@vibe/testing';
import type { GeminiOptions } from './options.js';
import { gemini } from './plugin.js';

export const testKey = 'AIzaSy-gemini-0123456789abcdef';

const host: PluginHost = { now: () => 0, random: () => 0, warn: () => {} };

/** The provider as `createVibe` makes it. */
export function provide(options: GeminiOptions = {}): Provider {
  return gemini(options).create(host) as Provider;
}

/** A chat call of a provider as the chain makes it, of a stream unless it says otherwise. */
export function chatCall(
  provider: Provider,
  request: Partial<ChatRequest> = {},
  { model = 'gemini-2.5-flash', ...more }: CallOptions & { readonly model?: string } = {},
): ChatCall {
  const asked = { operation: 'chat', request: { messages: [user('Hello')], ...request } } as const;
  return callOf(provider, asked, modelOf(provider, model), { incremental: true, ...more });
}
