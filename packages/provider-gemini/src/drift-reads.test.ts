/** Every field that the adapter reads is in the snapshot of the wire: proved by breaking each field of each answer. */
import { type DriftSnapshot, readPaths } from '@vibe/contract-tests';
import { VibeError } from '@vibe/core';
import { collect, listen, reply } from '@vibe/testing';
import { afterAll, describe, expect, it } from 'vitest';
import { geminiShape } from './index.js';
import { closeSimulators, traffic } from './testing/drift-traffic.js';
import { chatCall, provide, testKey } from './testing.js';

const snapshot: DriftSnapshot = geminiShape;
afterAll(closeSimulators);

/** What the provider makes of documents in the place of an answer to a chat. */
async function made(documents: readonly unknown[], status: number): Promise<string> {
  const body = documents.map((each) => `data: ${JSON.stringify(each)}\n\n`).join('');
  const type = { 'content-type': 'text/event-stream' };
  const server = await listen(reply(status, type, status === 200 ? body : JSON.stringify(documents[0])));
  const provider = provide({ apiKey: testKey, baseUrl: server.url });
  try {
    const events = await collect(provider.stream(chatCall(provider)));
    return JSON.stringify(events).replaceAll(/vibe_call_[\da-f-]{36}/g, 'made_up');
  } catch (error) {
    if (!VibeError.is(error)) throw error;
    return JSON.stringify([error.code, error.message, error.details, error.retryAfterMs]);
  } finally {
    await provider.close?.();
    await server.close();
  }
}

const statuses: Readonly<Record<string, number>> = { error: 429, notFound: 404, refusal: 400 };
const elsewhere = ['imagen', 'upload', 'file']; // no chats: their schemas above say what is read

/** Everything that an answer can contain, whether one of them ever has all of it or not. */
const counts = [
  { modality: 'TEXT', tokenCount: 1 },
  { modality: 'AUDIO', tokenCount: 2 },
];
const full = {
  candidates: [
    {
      index: 0,
      finishReason: 'STOP',
      finishMessage: 'done',
      avgLogprobs: -1,
      content: {
        role: 'model',
        parts: [
          { text: 'hm', thought: true, thoughtSignature: 'x' },
          { text: 'Hi' },
          { inlineData: { mimeType: 'image/png', data: 'AAAA' } },
          { fileData: { mimeType: 'image/png', fileUri: 'files/1' } },
          { executableCode: { language: 'PYTHON', code: '1' } },
          { functionCall: { id: 'c1', name: 'weather', args: { city: 'Rome' } } },
          { functionCall: { name: 'time', partialArgs: [{ jsonPath: '$.a', stringValue: 'x' }], willContinue: true } },
          {
            functionCall: {
              partialArgs: [
                { jsonPath: '$.b', numberValue: 1 },
                { jsonPath: '$.c', boolValue: true },
              ],
            },
          },
          { functionResponse: { id: 'c1', name: 'weather', response: {} } },
        ],
      },
    },
  ],
  usageMetadata: {
    promptTokenCount: 100,
    cachedContentTokenCount: 10,
    candidatesTokenCount: 50,
    thoughtsTokenCount: 5,
    toolUsePromptTokenCount: 7,
    totalTokenCount: 162,
    promptTokensDetails: counts,
    cacheTokensDetails: counts,
    candidatesTokensDetails: counts,
    trafficType: 'ON_DEMAND_FLEX',
  },
  modelVersion: 'gemini-2.5-flash',
  responseId: 'r',
  createTime: 'now',
};
const metadata = { quota_limit: 'PerMinute', quota_limit_value: '5', service: 'x' };
const exhausted = {
  code: 429,
  status: 'RESOURCE_EXHAUSTED',
  message: 'no',
  details: [{ reason: 'RATE', metadata, domain: 'x' }],
};

describe('the snapshot', () => {
  it.each<[string, readonly unknown[]]>([
    ...traffic
      .filter(({ kind }) => !elsewhere.includes(kind))
      .map(({ kind, documents }): [string, readonly unknown[]] => [kind, documents]),
    ['chat', [full]],
    [
      'blocked',
      [
        {
          promptFeedback: { blockReasonMessage: 'no', safetyRatings: [] },
          usageMetadata: { serviceTier: 'flex', promptTokenCount: 1 },
        },
      ],
    ],
    ['error', [{ error: exhausted }]],
  ])('names every field that is read in $0', async (kind, documents) => {
    const { reads, optional = {}, opaque } = snapshot.kinds[kind] as DriftSnapshot['kinds'][string];
    const read = await readPaths(documents, (broken) => made(broken, statuses[kind] ?? 200), opaque);
    expect(read.length).toBeGreaterThan(0);
    const known = Object.keys({ ...reads, ...optional });
    const unnamed = read.filter(
      (path) => !known.some((each) => each === path || each.startsWith(`${path}.`) || each.startsWith(`${path}[]`)),
    );
    expect(unnamed).toEqual([]);
  });
});
