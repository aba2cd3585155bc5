import { describe, expect, it } from 'vitest';
import { bodyOf } from '../testing.js';
import { readErrorBody } from './error-body.js';

const error = { error: { code: 429 } };

describe('readErrorBody', () => {
  it.each([
    ['JSON', JSON.stringify(error), error],
    ['a JSON array', JSON.stringify([error]), error],
    ['an event', `data: ${JSON.stringify(error)}\n\n`, error],
    [
      'an event without a space, with other fields',
      `id:1\r\nevent:error\r\ndata:${JSON.stringify(error)}\r\n\r\n`,
      error,
    ],
    ['an event of several data lines', 'data: {"error":\ndata: {"code": 429}}\n\n', error],
    ['several events', `data: ${JSON.stringify(error)}\n\ndata: [DONE]\n\n`, error],
    ['nothing', '', null],
    ['an empty array', '[]', null],
    ['HTML', '<html><title>502 Bad Gateway</title></html>', null],
  ])('reads %s', async (_name, text, json) => {
    expect(await readErrorBody(bodyOf([text]))).toEqual({ json, text });
  });

  it('stops after 64 KiB and closes the connection', async () => {
    const piece = 'x'.repeat(20 * 1024);
    const body = bodyOf(Array.from({ length: 500 }, () => piece));
    const { text, json } = await readErrorBody(body);
    expect(text).toHaveLength(64 * 1024);
    expect(json).toBeNull();
    expect(body).toMatchObject({ asked: 4, destroyed: true });
  });

  it('keeps what arrived before the connection was lost', async () => {
    const body = {
      ...bodyOf([]),
      async *[Symbol.asyncIterator]() {
        yield Buffer.from('{"error":"over');
        throw new Error('reset');
      },
    };
    expect(await readErrorBody(body)).toEqual({ json: null, text: '{"error":"over' });
  });
});
