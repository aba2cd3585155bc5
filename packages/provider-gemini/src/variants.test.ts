/** Forms of answers that are documented, or were seen elsewhere, and what must come of each, whole and in events. */
import type { Part, ProviderResult } from '@vibe/core';
import { collect, failureOf, listen, reply, resultOf } from '@vibe/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { chatCall, provide, testKey } from './testing.js';

const opened: { close?(): Promise<void> }[] = [];
afterEach(async () => {
  for (const each of opened.splice(0).reverse()) await each.close?.();
});

async function ask(documents: readonly unknown[], incremental: boolean) {
  const body = incremental
    ? documents.map((each) => `data: ${JSON.stringify(each)}\r\n\r\n`).join('')
    : JSON.stringify(documents.length === 1 ? documents[0] : documents);
  const server = await listen(
    reply(200, { 'content-type': incremental ? 'text/event-stream' : 'application/json' }, body),
  );
  const provider = provide({ apiKey: testKey, baseUrl: server.url });
  opened.push(server, provider);
  return collect(provider.stream(chatCall(provider, {}, { incremental })));
}

const answer = (parts: readonly unknown[], more: object = {}, usageMetadata: object = { promptTokenCount: 3 }) => ({
  candidates: [{ content: { role: 'model', parts }, finishReason: 'STOP', ...more }],
  usageMetadata,
});

const bothWays = [
  ['whole', false],
  ['in events', true],
] as const;

describe.each(bothWays)('an answer %s', (_how, incremental) => {
  it.each<[string, readonly unknown[], Partial<ProviderResult>]>([
    [
      'a prompt that was blocked without a reason, only with a message',
      [{ candidates: [], promptFeedback: { blockReasonMessage: 'No.' }, modelVersion: 'gemini-2.0-flash' }],
      { content: [], finishReason: 'content_filter', rawFinishReason: null, usage: null },
    ],
    [
      'a prompt that was blocked for a reason nobody knows',
      [{ promptFeedback: { blockReason: 'NEW_REASON' }, usageMetadata: { promptTokenCount: 7 } }],
      { finishReason: 'content_filter', rawFinishReason: 'NEW_REASON' },
    ],
    [
      'a candidate without content',
      [{ candidates: [{ finishReason: 'SAFETY' }] }],
      { content: [], finishReason: 'content_filter', rawFinishReason: 'SAFETY' },
    ],
    [
      'a candidate with null everywhere',
      [{ candidates: [{ content: null, index: null, finishReason: 'MAX_TOKENS' }], usageMetadata: null }],
      { content: [], finishReason: 'length', usage: null },
    ],
    [
      'several candidates, in any order',
      [
        {
          candidates: [
            { index: 1, content: { parts: [{ text: 'second' }] }, finishReason: 'MAX_TOKENS' },
            { index: 0, content: { parts: [{ text: 'first' }] }, finishReason: 'STOP' },
          ],
        },
      ],
      { content: [{ type: 'text', text: 'first' }], rawFinishReason: 'STOP' },
    ],
    [
      'an empty part between others',
      [answer([{ text: 'Here: ' }, {}, { inlineData: { mimeType: 'image/png', data: 'iVBO' } }])],
      {
        content: [
          { type: 'text', text: 'Here: ' },
          { type: 'image', mediaType: 'image/png', data: 'iVBO' },
        ],
      },
    ],
    ['an empty text', [answer([{ text: '' }])], { content: [], finishReason: 'stop' }],
    [
      'calls without ids and without arguments',
      [answer([{ functionCall: { name: 'now' } }, { functionCall: { name: 'now', args: null, id: 'given' } }])],
      { finishReason: 'tool_calls', rawFinishReason: 'STOP' },
    ],
    [
      'a finish reason nobody knows',
      [answer([{ text: 'Hi' }], { finishReason: 'NEW_REASON', finishMessage: 'words' })],
      { finishReason: 'other', rawFinishReason: 'NEW_REASON' },
    ],
  ])('can be %s', async (_what, documents, expected) => {
    expect(resultOf(await ask(documents, incremental))).toMatchObject(expected);
  });

  it('keeps code that the service ran, for the next turn, out of its text', async () => {
    const parts = [
      { text: 'Let me see. ' },
      { executableCode: { language: 'PYTHON', code: 'print(28)' } },
      { codeExecutionResult: { outcome: 'OUTCOME_OK', output: '28\n' } },
      { text: 'It is 28.' },
    ];
    const { content } = resultOf(await ask([answer(parts)], incremental));
    expect(content.map((part: Part) => (part.type === 'text' ? part.text : part.type)).join('')).toBe(
      'Let me see. It is 28.',
    );
    expect(content.map(({ providerData }) => providerData).filter((data) => data !== undefined)).toEqual([
      { part: parts[1] },
      { part: parts[2] },
    ]);
  });

  it('gives every call its own id, and keeps the ones that were given', async () => {
    const calls = [{ name: 'a' }, { name: 'a' }, { name: 'b', id: 'mine' }].map((functionCall) => ({ functionCall }));
    const { content } = resultOf(await ask([answer(calls)], incremental));
    const ids = content.map((part: Part) => (part.type === 'tool_call' ? part.id : ''));
    expect(new Set(ids).size).toBe(3);
    expect(ids[2]).toBe('mine');
  });

  it.each<[string, readonly unknown[], string]>([
    ['STOP with nothing', [{ candidates: [{ content: { role: 'model' }, finishReason: 'STOP' }] }], 'invalid_response'],
    ['STOP with an empty part only', [answer([{}])], 'invalid_response'],
    [
      'an error in an array',
      [[{ error: { code: 503, status: 'UNAVAILABLE', message: 'Busy' } }]],
      'provider_unavailable',
    ],
    ['an error with a name only', [{ error: { status: 'RESOURCE_EXHAUSTED', message: 'x' } }], 'provider_rate_limited'],
    ['an error that is text', [{ error: 'gone' }], 'provider_unavailable'],
    ['a call without a name', [answer([{ functionCall: { args: {} } }])], 'invalid_response'],
    ['a list that is none', [{ candidates: { content: {} } }], 'invalid_response'],
  ])('is an error when it is %s', async (_what, documents, code) => {
    expect((await failureOf(ask(documents, incremental))).code).toBe(code);
  });
});

describe('the usage of an answer without candidates', () => {
  it('is known to the bill before the error', async () => {
    const body = JSON.stringify({ candidates: [], usageMetadata: { promptTokenCount: 7, candidatesTokenCount: 22 } });
    const server = await listen(reply(200, {}, body));
    const provider = provide({ apiKey: testKey, baseUrl: server.url });
    opened.push(server, provider);
    const seen: unknown[] = [];
    const read = async () => {
      for await (const event of provider.stream(chatCall(provider, {}, { incremental: false }))) seen.push(event);
    };
    expect((await failureOf(read())).code).toBe('invalid_response');
    expect(seen).toMatchObject([{ type: 'usage', usage: { quantities: { input_token: 7, output_token: 22 } } }]);
  });
});

describe('a stream in batches', () => {
  it('gives what one read has brought in one array, and the same events as one by one', async () => {
    const documents = [answer([{ text: 'a' }], { finishReason: null }), answer([{ text: 'b' }])];
    const body = documents.map((each) => `data: ${JSON.stringify(each)}\n\n`).join('');
    const server = await listen(reply(200, { 'content-type': 'text/event-stream' }, body));
    const provider = provide({ apiKey: testKey, baseUrl: server.url });
    opened.push(server, provider);
    const batches = provider.streamBatches?.(chatCall(provider));
    if (batches === undefined) throw new Error('no batches');
    const seen = [];
    for await (const events of batches) seen.push(events);
    expect(seen.map((events) => events.map(({ type }) => type))).toEqual([
      ['usage', 'delta', 'usage', 'delta'],
      ['final'],
    ]);
    expect(seen.flat()).toEqual(await collect(provider.stream(chatCall(provider))));
  });

  it('hands out what came before a failure in the same read', async () => {
    const busy = { error: { code: 503, status: 'UNAVAILABLE', message: 'Busy' } };
    const body = [answer([{ text: 'a' }], { finishReason: null }), busy].map(
      (each) => `data: ${JSON.stringify(each)}\n\n`,
    );
    const server = await listen(reply(200, { 'content-type': 'text/event-stream' }, body.join('')));
    const provider = provide({ apiKey: testKey, baseUrl: server.url });
    opened.push(server, provider);
    const seen: string[] = [];
    const read = async () => {
      for await (const events of provider.streamBatches?.(chatCall(provider)) ?? [])
        seen.push(...events.map(({ type }) => type));
    };
    expect(await failureOf(read())).toMatchObject({ code: 'provider_unavailable', mayBeBilled: true });
    expect(seen).toEqual(['usage', 'delta']);
  });
});
