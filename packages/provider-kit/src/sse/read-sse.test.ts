import { VibeError } from '@vibe/core';
import { collect, slices } from '@vibe/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bodyOf } from '../testing.js';
import { readSse, type SseEvent } from './read-sse.js';

async function eventsOf(pieces: readonly (string | Uint8Array)[], lastData?: string): Promise<SseEvent[]> {
  return (await collect<readonly SseEvent[]>(readSse(bodyOf(pieces), lastData))).flat();
}

function message(data: string, event: string | null = null): SseEvent {
  return { type: 'message', event, data };
}

describe('readSse', () => {
  it.each([
    ['line feeds', '\n'],
    ['carriage returns and line feeds', '\r\n'],
    ['carriage returns', '\r'],
  ])('reads events that end with %s', async (_name, end) => {
    const text = ['event: result', 'id: 7', 'data: {"a":', 'data: 1}', '', 'data:{"b":2}', '', ''].join(end);
    expect(await eventsOf([text])).toEqual([message('{"a":\n1}', 'result'), message('{"b":2}')]);
  });

  it('gives the same events however the bytes are split', async () => {
    const data = fc.array(
      fc.string({ unit: 'grapheme' }).map((text) => JSON.stringify({ text })),
      { maxLength: 8 },
    );
    const end = fc.constantFrom('\n', '\r\n', '\r');
    await fc.assert(
      fc.asyncProperty(data, end, fc.integer({ min: 1, max: 40 }), async (texts, lineEnd, size) => {
        const bytes = Buffer.from(texts.map((text) => `data: ${text}${lineEnd}${lineEnd}`).join(''));
        expect(await eventsOf(slices(bytes, size))).toEqual(texts.map((text) => message(text)));
      }),
    );
  });

  it('keeps characters that are split between two reads', async () => {
    const bytes = Buffer.from('data: "😀 für 代码"\n\n');
    expect(await eventsOf(slices(bytes, 1))).toEqual([message('"😀 für 代码"')]);
  });

  it('gives comments in their place, so that a status in a comment comes before its event', async () => {
    expect(await eventsOf([':keep alive\n\n', 'id:1\nevent:error\n:HTTP_STATUS/400\ndata:{"code":"X"}\n\n'])).toEqual([
      { type: 'comment', comment: 'keep alive' },
      { type: 'comment', comment: 'HTTP_STATUS/400' },
      message('{"code":"X"}', 'error'),
    ]);
  });

  it('gives the events of one read together', async () => {
    const batches = await collect<readonly SseEvent[]>(readSse(bodyOf(['data: 1\n\ndata: 2\n\nda', 'ta: 3\n\n'])));
    expect(batches).toEqual([[message('1'), message('2')], [message('3')]]);
  });

  it('gives bare JSON at the end as stray text', async () => {
    const tail = '{\n  "error": {\n    "code": 503\n  }\n}';
    const [first, stray] = await eventsOf(['data: {"a":1}\r\n\r\n', tail]);
    expect(first).toEqual(message('{"a":1}'));
    expect(stray).toMatchObject({ type: 'stray' });
    expect(JSON.parse((stray as { text: string }).text)).toEqual({ error: { code: 503 } });
  });

  it('takes a last event that lacks its empty line, when it is whole', async () => {
    expect(await eventsOf(['data: {"a":1}\n\n', 'data: {"b":2}'])).toEqual([message('{"a":1}'), message('{"b":2}')]);
  });

  it('drops a last event that was cut', async () => {
    expect(await eventsOf(['data: {"a":1}\n\n', 'data: {"b"'])).toEqual([message('{"a":1}')]);
  });

  it('gives nothing for an empty body', async () => {
    expect(await eventsOf([])).toEqual([]);
    expect(await eventsOf(['\r\n'])).toEqual([]);
  });

  it('ends with the last data, whatever follows', async () => {
    expect(await eventsOf(['data: 1\n\ndata: [DONE]\n\ndata: 2\n\n: late\n\n', '{"error":1}'], '[DONE]')).toEqual([
      message('1'),
      message('[DONE]'),
    ]);
  });

  it('reads the body to its end behind the last data, so that the connection can be used again', async () => {
    const body = bodyOf(['data: [DONE]\n\n', 'data: 2\n\n', ': bye\n\n']);
    await collect(readSse(body, '[DONE]'));
    expect(body).toMatchObject({ asked: 3, destroyed: false });
  });

  it('reads no further than it is asked', async () => {
    const body = bodyOf(['data: 1\n\n', 'data: 2\n\n', 'data: 3\n\n']);
    const events = readSse(body);
    await events.next();
    expect(body.asked).toBe(1);
    await events.return();
    expect(body).toMatchObject({ asked: 1, destroyed: true });
  });

  it('refuses an event without end', async () => {
    const piece = Buffer.alloc(8 * 1024 * 1024, 'x');
    const endless = Array.from({ length: 10 }, () => piece);
    const error: unknown = await collect(readSse(bodyOf(['data: ', ...endless]))).catch((reason) => reason);
    expect(VibeError.is(error, 'invalid_response')).toBe(true);
  });
});
