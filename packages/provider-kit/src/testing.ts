/** Helpers of this package's tests. */
import type { ChatCall, ChatRequest, Endpoint, ModelManifest, VibeError } from '@vibe/core';
import { failureOf, user } from '@vibe/testing';
import { expect } from 'vitest';
import type { ResponseBody } from './http/http-client.js';
import type { Classification, Service } from './http/service-error.js';

/** A body of the given pieces that counts how often it was asked and remembers whether it was destroyed. */
export function bodyOf(pieces: readonly (string | Uint8Array)[]): ResponseBody & { asked: number; destroyed: boolean } {
  const body = {
    asked: 0,
    destroyed: false,
    text: () => Promise.resolve(Buffer.concat(pieces.map((piece) => Buffer.from(piece))).toString('utf8')),
    destroy: () => {
      body.destroyed = true;
    },
    async *[Symbol.asyncIterator]() {
      let finished = false;
      try {
        for (const piece of pieces) {
          body.asked += 1;
          yield Buffer.from(piece);
        }
        finished = true;
      } finally {
        if (!finished) body.destroyed = true;
      }
    },
  };
  return body;
}

export const testKey = 'sk-test-0123456789abcdef';

/** The error of work that must fail; the key stands nowhere in it. */
export async function keylessFailureOf(work: Promise<unknown>): Promise<VibeError> {
  const error = await failureOf(work);
  expect(JSON.stringify([error.message, error, error.stack])).not.toContain(testKey);
  return error;
}

export function serviceOf(classify: (status: number | null) => Classification): Service {
  return { name: 'acme@main', secrets: [testKey], classify: ({ status }) => classify(status) };
}

export const testModel: ModelManifest = {
  id: 'acme-large',
  operations: ['chat'],
  input: ['text', 'image', 'audio', 'file_ref'],
  output: ['text'],
  streams: true,
  tools: true,
  structured: true,
  reasoning: true,
  tier: 'standard',
  maxOutputTokens: 2048,
};

export const testEndpoint: Endpoint = {
  id: 'main',
  region: 'global',
  baseUrl: 'https://acme.example/v1',
  keyPresent: () => true,
};

/** A chat call as the chain makes it. */
export function chatCall(request: Partial<ChatRequest> = {}, more: Partial<Omit<ChatCall, 'request'>> = {}): ChatCall {
  return {
    operation: 'chat',
    endpoint: testEndpoint,
    model: testModel,
    incremental: true,
    signal: new AbortController().signal,
    timeout: { connectMs: 5_000 },
    ...more,
    request: { messages: [user('Hello')], ...request },
  } as ChatCall;
}
