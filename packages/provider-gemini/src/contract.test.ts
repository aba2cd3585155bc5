import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  type Answering,
  type Held,
  type ProviderSubject,
  providerContract,
  type Said,
  type ServiceRequest,
  type Situation,
} from '@vibe/contract-tests';
import type { PluginInput } from '@vibe/core';
import { type Fault, type Simulator, startSimulator } from '@vibe/simulator';
import { describe, it } from 'vitest';
import { gemini } from './index.js';

const goodKey = 'AIzaContractGood-0123456789abcdefghijkl';
const wrongKey = 'AIzaContract-wrong-0123456789abcdefghij';
const hintMs = 2_000;

await providerContract({ describe, it }, { name: '@vibe/provider-gemini', setup: geminiSubject });

/** Gemini against the simulator; against a small server of its own for what the simulator cannot say. */
async function geminiSubject(): Promise<ProviderSubject> {
  const simulator = await startSimulator();
  const caching = await startSimulator({ cachedShare: 0.5 });
  const fixtures = await serveFixtures();
  const enter = (...faults: Fault[]): Held => {
    simulator.reset();
    if (faults.length > 0) simulator.script({ fault: faults });
    return watched(simulator);
  };
  return {
    provider: provider(simulator.baseUrls.gemini),
    secrets: [goodKey, wrongKey],
    situations: {
      answer: () => answering(simulator, enter()),
      reasoning: () => answering(simulator, enter()),
      cachedInput: () => ({ ...answering(caching, watched(caching)), provider: provider(caching.baseUrls.gemini) }),
      holdBack: () => enter({ kind: 'stall', afterDeltas: 1 }),
      silence: () => enter({ kind: 'stall' }),
      badKey: () => ({ ...enter(), provider: provider(simulator.baseUrls.gemini, wrongKey) }),
      rateLimited: () => ({ ...enter({ kind: 'status', status: 429, retryAfterMs: hintMs }), retryAfterMs: hintMs }),
      rateLimitedWithoutHint: () => enter({ kind: 'status', status: 429 }),
      serverError: () => enter({ kind: 'status', status: 500 }),
      overloaded: () => enter({ kind: 'status', status: 503 }),
      rejected: () => enter({ kind: 'status', status: 400 }),
      unreadable: () => enter({ kind: 'html', status: 200 }),
      resetBeforeAnswer: () => enter({ kind: 'reset' }),
      resetInAnswer: () => enter({ kind: 'reset', afterDeltas: 1 }),
      truncated: () => enter({ kind: 'truncate', afterDeltas: 1 }),
      noUsage: () => enter({ kind: 'missingUsage' }),
      toolCall: () => ({ provider: provider(fixtures.url), requests: () => [] }),
      structured: () => ({ provider: provider(fixtures.url), requests: () => [] }),
    },
    close: async () => void (await Promise.all([simulator.close(), caching.close(), fixtures.close()])),
  };
}

function provider(baseUrl: string, apiKey = goodKey): PluginInput {
  return gemini({ apiKey, baseUrl });
}

function watched(simulator: Simulator): Held {
  return {
    requests: () =>
      simulator
        .requests()
        .filter(({ endpoint }) => endpoint === 'gemini.generate' || endpoint === 'gemini.stream')
        .map(({ method, path, body }): ServiceRequest => ({ method, path, body })),
    arrived: async () => void (await simulator.waitFor(({ attempts }) => attempts.total > 0)),
    left: async () => void (await simulator.waitFor(({ attempts }) => attempts.total > 0 && attempts.running === 0)),
  };
}

function answering(simulator: Simulator, situation: Situation): Answering {
  return { ...situation, said: () => asked(simulator, situation.requests().at(-1)) };
}

interface RawAnswer {
  readonly candidates: readonly [
    { readonly content: { readonly parts: readonly { readonly text: string; readonly thought?: boolean }[] } },
  ];
  readonly usageMetadata: {
    readonly promptTokenCount: number;
    readonly candidatesTokenCount: number;
    readonly cachedContentTokenCount?: number;
    readonly thoughtsTokenCount?: number;
  };
}

/** What the service says to the same request without the provider: equal requests get equal answers. */
async function asked(simulator: Simulator, request: ServiceRequest | undefined): Promise<Said> {
  const path = (request?.path ?? '').replace(/:streamGenerateContent.*/, ':generateContent');
  const response = await fetch(`${simulator.url}${path}`, {
    method: 'POST',
    headers: { 'x-goog-api-key': goodKey, 'content-type': 'application/json' },
    body: JSON.stringify(request?.body),
  });
  const { candidates, usageMetadata } = (await response.json()) as RawAnswer;
  const { promptTokenCount, candidatesTokenCount, cachedContentTokenCount, thoughtsTokenCount } = usageMetadata;
  const texts = candidates[0].content.parts.filter(({ thought }) => thought !== true).map(({ text }) => text);
  return {
    text: texts.join(''),
    inputTokens: promptTokenCount,
    // Facts: thoughts are outside of the candidates.
    outputTokens: candidatesTokenCount + (thoughtsTokenCount ?? 0),
    ...(cachedContentTokenCount === undefined ? {} : { cachedInputTokens: cachedContentTokenCount }),
    ...(thoughtsTokenCount === undefined ? {} : { reasoningTokens: thoughtsTokenCount }),
  };
}

const head = { modelVersion: 'gemini-fixture', responseId: 'fixture-1' };
const usageMetadata = { promptTokenCount: 20, candidatesTokenCount: 12, totalTokenCount: 32 };
const callParts = [
  { functionCall: { name: 'weather', args: { city: 'Berlin' } }, thoughtSignature: 'c2lnbmF0dXJl' },
  { functionCall: { name: 'weather', args: { city: 'Wuhan' } } },
];
const jsonParts = [{ text: '{"city":"Berlin",' }, { text: '"population":3700000}' }];

/** Answers with calls of functions where it is given tools, otherwise in JSON. Formats: ai.google.dev on both. */
async function serveFixtures(): Promise<{ readonly url: string; close(): Promise<void> }> {
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { tools } = JSON.parse(Buffer.concat(chunks).toString()) as { readonly tools?: unknown };
    const parts = tools === undefined ? jsonParts : callParts;
    const answer = (some: readonly object[], finishReason?: string) => ({
      candidates: [
        { content: { parts: some, role: 'model' }, index: 0, ...(finishReason === undefined ? {} : { finishReason }) },
      ],
      usageMetadata,
      ...head,
    });
    if (request.url?.includes(':streamGenerateContent') === true) {
      response.setHeader('content-type', 'text/event-stream');
      response.write(`data: ${JSON.stringify(answer(parts.slice(0, 1)))}\r\n\r\n`);
      response.end(`data: ${JSON.stringify(answer(parts.slice(1), 'STOP'))}\r\n\r\n`);
      return;
    }
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(answer(parts, 'STOP')));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
