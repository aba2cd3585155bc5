import { type ProviderEvent, type ProviderResult, VibeError } from '@vibe/core';
import { type Answer, collect, type Loopback, listen, reply } from '@vibe/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { chatCall, testKey } from '../testing.js';
import { openAiCompatible } from './open-ai-compatible.js';

let server: Loopback;
let provider: ReturnType<typeof openAiCompatible>;
afterEach(async () => {
  await provider.close?.();
  await server.close();
});

async function ask(answer: Answer, more: Parameters<typeof chatCall>[1] = {}): Promise<AsyncIterable<ProviderEvent>> {
  server = await listen(answer);
  provider = openAiCompatible({
    id: 'acme',
    endpoints: [{ id: 'main', baseUrl: server.url, apiKey: testKey }],
    models: [],
  });
  return provider.stream(chatCall({}, { ...more, ...(provider.endpoints[0] && { endpoint: provider.endpoints[0] }) }));
}

async function failure(answer: Answer, more: Parameters<typeof chatCall>[1] = {}): Promise<VibeError> {
  const error: unknown = await collect(await ask(answer, more)).catch((reason) => reason);
  if (!VibeError.is(error)) throw new Error('it should have failed', { cause: error });
  expect(JSON.stringify([error.message, error, error.stack])).not.toContain(testKey);
  expect(server.received).toHaveLength(1);
  return error;
}

async function resultOf(answer: Answer, more: Parameters<typeof chatCall>[1] = {}): Promise<ProviderResult> {
  const last = (await collect(await ask(answer, more))).at(-1);
  if (last?.type !== 'final') throw new Error('no final');
  return last.result;
}

const sse = { 'content-type': 'text/event-stream' };
const event = (json: unknown) => `data: ${JSON.stringify(json)}\n\n`;
const delta = (fields: object, finish_reason: string | null = null) =>
  event({ id: 'c1', model: 'm', choices: [{ index: 0, delta: fields, finish_reason }] });
const usage = event({ choices: [], usage: { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 } });
const overloaded = { error: { message: 'overloaded', code: 503 } };

describe('a whole chat', () => {
  it('without a finish reason is no answer, and is known to have cost', async () => {
    const body = {
      choices: [{ index: 0, message: { content: 'Hel' }, finish_reason: null }],
      usage: { prompt_tokens: 3, completion_tokens: 1 },
    };
    const seen: string[] = [];
    const events = await ask(reply(200, {}, JSON.stringify(body)), { incremental: false });
    const read = (async () => {
      for await (const { type } of events) seen.push(type);
    })();
    await expect(read).rejects.toMatchObject({ code: 'stream_truncated' });
    expect(seen).toEqual(['usage']);
  });

  it('is read also when the service streams it though nobody asked', async () => {
    const streamed = `: hi\n\n${delta({ content: 'Hel' })}${delta({ content: 'lo' }, 'stop')}${usage}data: [DONE]\n\n`;
    const unasked = { incremental: false };
    expect(await resultOf(reply(200, sse, streamed), unasked)).toMatchObject({
      content: [{ type: 'text', text: 'Hello' }],
      usage: { quantities: { input_token: 3, output_token: 2 }, source: 'provider' },
    });
    await server.close();
    expect(await failure(reply(200, sse, delta({ content: 'Hel' })), unasked)).toMatchObject({
      code: 'stream_truncated',
    });
    await server.close();
    expect(await failure(reply(200, sse, event(overloaded)), unasked)).toMatchObject({ code: 'provider_unavailable' });
    await server.close();
    expect(await failure(reply(200, sse, 'data: Hello\n\n'), unasked)).toMatchObject({ code: 'invalid_response' });
  });

  const paid = { prompt_tokens: 3, completion_tokens: 1 };
  it.each<[string, object, object]>([
    ['an error', { error: { code: 503, message: 'overloaded' }, usage: paid }, { code: 'provider_unavailable' }],
    [
      'an error in its choice',
      {
        choices: [{ message: { content: 'Hel' }, error: { code: 'rate_limit_exceeded', message: 'slow' } }],
        usage: paid,
      },
      { code: 'provider_rate_limited', message: expect.stringContaining('slow') },
    ],
    ['no choices', { choices: [], usage: paid }, { code: 'invalid_response' }],
    [
      'a call without a name',
      { choices: [{ message: { tool_calls: [{ id: 'a' }] }, finish_reason: 'stop' }], usage: paid },
      { code: 'invalid_response' },
    ],
  ])('that has failed is known to have cost what it says: %s', async (_what, body, failed) => {
    const seen: ProviderEvent[] = [];
    const events = await ask(reply(200, {}, JSON.stringify(body)), { incremental: false });
    const read = (async () => {
      for await (const event of events) seen.push(event);
    })();
    await expect(read).rejects.toMatchObject({ ...failed, mayBeBilled: true });
    expect(seen).toMatchObject([{ type: 'usage', usage: { quantities: { input_token: 3, output_token: 1 } } }]);
  });
});

describe('events of servers that keep to the form loosely', () => {
  const done = [delta({ content: 'Hi' }, 'stop'), usage, 'data: [DONE]\n\n'];

  it.each<[string, readonly string[]]>([
    ['empty data', ['data:\n\n', 'data: \n\n', ...done]],
    ['a ping', ['event: ping\ndata: {"type":"ping"}\n\n', ...done]],
    ['no empty line between events', [done.map((each) => each.trimEnd()).join('\n'), '\n\n']],
    ['a first chunk without choices', [event({ id: 'x', choices: null }), event({}), ...done]],
    ['a lone carriage return as the end of a line', done.map((each) => each.replaceAll('\n', '\r'))],
  ])('are read: %s', async (_what, pieces) => {
    const { content, usage: told } = await resultOf(reply(200, sse, pieces.join('')));
    expect(content).toEqual([{ type: 'text', text: 'Hi' }]);
    expect(told?.quantities).toEqual({ input_token: 3, output_token: 2 });
  });

  it.each<[string, string, string]>([
    ['with an error inside', 'event: error\ndata: {"error":{"message":"x","code":429}}\n\n', 'provider_rate_limited'],
    ['that is the error', 'event: error\ndata: {"message":"x"}\n\n', 'provider_unavailable'],
    ['that is words', 'event: error\ndata: Too many requests\n\n', 'provider_rate_limited'],
    ['in an array', 'data: [{"error":{"code":401,"message":"x"}}]\n\n', 'auth'],
    ['in a choice', event({ choices: [{ delta: {}, error: { code: 502, message: 'x' } }] }), 'provider_unavailable'],
    ['of MiniMax', event({ base_resp: { status_code: 1004, status_msg: 'login fail' } }), 'auth'],
  ])('are errors: %s', async (_what, body, code) => {
    expect(await failure(reply(200, sse, body))).toMatchObject({ code });
  });
});

describe('a streamed chat', () => {
  it('gives deltas, usage so far, and one final', async () => {
    const events = await collect(
      await ask(
        reply(
          200,
          sse,
          `${delta({ content: 'Hel' })}${delta({ content: 'lo' })}${delta({}, 'stop')}${usage}data: [DONE]\n\n`,
        ),
      ),
    );
    expect(events).toEqual([
      { type: 'delta', part: { type: 'text', text: 'Hel' }, text: 'Hel' },
      { type: 'delta', part: { type: 'text', text: 'lo' }, text: 'lo' },
      {
        type: 'usage',
        deltasAhead: 0,
        usage: { quantities: { input_token: 3, output_token: 2 }, unknown: true, source: 'partial' },
      },
      {
        type: 'final',
        result: {
          content: [{ type: 'text', text: 'Hello' }],
          finishReason: 'stop',
          rawFinishReason: 'stop',
          usage: { quantities: { input_token: 3, output_token: 2 }, unknown: false, source: 'provider' },
          servedModel: 'm',
          requestId: 'c1',
        },
      },
    ]);
  });

  it('counts what nobody names beside sound as sound, which is dearer than text', async () => {
    const samples = delta({ audio: { data: 'AAAA' } });
    const told = (more: object) =>
      event({ choices: [], usage: { prompt_tokens: 3, completion_tokens: 50, total_tokens: 53, ...more } });
    const usageOf = async (more: object) =>
      (await resultOf(reply(200, sse, samples + delta({}, 'stop') + told(more)))).usage;
    expect(await usageOf({})).toEqual({
      quantities: { input_token: 3, output_token: 0, output_audio_token: 50 },
      unknown: true,
      source: 'partial',
    });
    await server.close();
    expect(await usageOf({ completion_tokens_details: { audio_tokens: 40 } })).toMatchObject({
      quantities: { output_token: 10, output_audio_token: 40 },
      unknown: false,
    });
  });

  it('does not know what came behind the last usage', async () => {
    const early = delta({ content: 'Hel' }) + usage + delta({ content: 'lo' }) + delta({}, 'stop');
    expect((await resultOf(reply(200, sse, early))).usage).toEqual({
      quantities: { input_token: 3, output_token: 2 },
      unknown: true,
      source: 'partial',
    });
  });

  it('needs no end mark when there was a finish reason', async () => {
    expect(await resultOf(reply(200, sse, `${delta({ content: 'Hi' })}${delta({}, 'stop')}`))).toMatchObject({
      finishReason: 'stop',
      usage: null,
    });
  });

  it('is truncated without a finish reason, end mark or not', async () => {
    for (const end of ['', 'data: [DONE]\n\n']) {
      const error = await failure(reply(200, sse, `${delta({ content: 'Hi' })}${end}`));
      expect(error).toMatchObject({ code: 'stream_truncated', mayBeBilled: true });
      await server.close();
    }
  });

  it('is truncated when nothing comes at all', async () => {
    expect(await failure(reply(200, sse, ''))).toMatchObject({ code: 'stream_truncated' });
  });

  it('is truncated when the connection is lost, but not after the finish reason', async () => {
    const cut =
      (text: string): Answer =>
      (response, _received, socket) => {
        response.writeHead(200, sse).write(text, () => socket.end());
      };
    expect(await failure(cut(delta({ content: 'Hi' })))).toMatchObject({ code: 'stream_truncated' });
    await server.close();
    expect(await resultOf(cut(`${delta({ content: 'Hi' })}${delta({}, 'stop')}`))).toMatchObject({ usage: null });
  });

  it('keeps an unknown finish reason raw', async () => {
    const result = await resultOf(reply(200, sse, delta({ content: 'Hi' }, 'insufficient_system_resource')));
    expect(result).toMatchObject({ finishReason: 'other', rawFinishReason: 'insufficient_system_resource' });
  });

  it('fails with the error in it; only after the first tokens it may be billed', async () => {
    expect(await failure(reply(200, sse, event(overloaded)))).toMatchObject({
      code: 'provider_unavailable',
      status: 503,
      mayBeBilled: false,
    });
    await server.close();
    const late = `${delta({ content: 'Hi' })}event: error\n${event(overloaded)}`;
    expect(await failure(reply(200, sse, late))).toMatchObject({ code: 'provider_unavailable', mayBeBilled: true });
  });

  it('fails with bare JSON at its end', async () => {
    const text = `${delta({ content: 'Hi' })}${JSON.stringify(overloaded, null, 2)}`;
    expect(await failure(reply(200, sse, text))).toMatchObject({ code: 'provider_unavailable', status: 503 });
  });

  it('fails with a flat error', async () => {
    const flat = event({ code: 'InternalError', message: 'Sorry', request_id: 'r9' });
    expect(await failure(reply(200, sse, flat))).toMatchObject({ code: 'provider_unavailable', requestId: 'r9' });
  });

  it('reads the whole answer when the service does not stream after all', async () => {
    const whole = { id: 'c1', choices: [{ message: { content: 'Hi' }, finish_reason: 'stop' }] };
    expect(await resultOf(reply(200, {}, JSON.stringify(whole, null, 1)))).toMatchObject({
      content: [{ type: 'text', text: 'Hi' }],
      finishReason: 'stop',
    });
  });

  it('is an invalid response when a web page comes instead', async () => {
    const error = await failure(reply(200, sse, '<html>\n<title>Log in</title>\n</html>'));
    expect(error).toMatchObject({ code: 'invalid_response' });
    expect(error.message).toContain('Log in');
  });

  it('is an invalid response when a field has another type, with its path', async () => {
    const error = await failure(reply(200, sse, delta({ content: 7 })));
    expect(error).toMatchObject({ code: 'invalid_response', details: { path: '$.choices[0].delta.content' } });
    await server.close();
    expect(await failure(reply(200, sse, 'data: {"choices"\n\n'))).toMatchObject({ code: 'invalid_response' });
  });

  it('closes its connection when the loop is left', async () => {
    for await (const _ of await ask((response) => void response.writeHead(200, sse).write(delta({ content: 'Hi' }))))
      break;
    await (await server.request()).closed;
  });

  it('closes its connection when the call is aborted', async () => {
    const abort = new AbortController();
    const answer: Answer = (response) => void response.writeHead(200, sse).write(delta({ content: 'Hi' }));
    const error: unknown = await (async () => {
      for await (const _ of await ask(answer, { signal: abort.signal })) abort.abort();
    })().catch((reason) => reason);
    expect(VibeError.is(error, 'cancelled')).toBe(true);
    await (await server.request()).closed;
  });
});

describe('a unary chat', () => {
  const unary = { incremental: false };
  const answerOf = (message: object, finish_reason = 'stop') =>
    reply(200, { 'x-request-id': 'r1' }, JSON.stringify({ id: 'c1', choices: [{ message, finish_reason }] }));

  it('gives its parts as deltas before the final', async () => {
    const message = {
      reasoning_content: 'hm',
      content: 'Hi',
      tool_calls: [{ id: 'a', function: { name: 'f', arguments: '{}' } }],
    };
    const events = await collect(await ask(answerOf(message, 'tool_calls'), unary));
    expect(events.map((each) => (each.type === 'delta' ? each.part.type : each.type))).toEqual([
      'reasoning',
      'text',
      'tool_call_delta',
      'tool_call',
      'final',
    ]);
    expect(events.at(-1)).toMatchObject({ result: { requestId: 'r1', finishReason: 'tool_calls' } });
  });

  it('ends with tool_calls when there are calls, whatever the service says', async () => {
    const message = { content: '', tool_calls: [{ id: 'a', function: { name: 'f', arguments: '{}' } }] };
    expect(await resultOf(answerOf(message, 'stop'), unary)).toMatchObject({
      finishReason: 'tool_calls',
      rawFinishReason: 'stop',
    });
  });

  it('reads the legacy function call and a list of content parts', async () => {
    const message = {
      content: [
        { type: 'text', text: 'a' },
        { type: 'text', text: 'b' },
      ],
      function_call: { name: 'f', arguments: '{"x":1}' },
    };
    expect((await resultOf(answerOf(message, 'function_call'), unary)).content).toMatchObject([
      { type: 'text', text: 'ab' },
      { type: 'tool_call', name: 'f', input: { x: 1 } },
    ]);
  });

  it('shows a refusal as text that was filtered', async () => {
    expect(await resultOf(answerOf({ content: null, refusal: 'I cannot.' }), unary)).toMatchObject({
      content: [{ type: 'text', text: 'I cannot.' }],
      finishReason: 'content_filter',
    });
  });

  it('is an invalid response without choices', async () => {
    expect(await failure(reply(200, {}, '{"choices":[]}'), unary)).toMatchObject({ code: 'invalid_response' });
  });

  it('fails with the error in a 200 body', async () => {
    expect(await failure(reply(200, {}, JSON.stringify(overloaded)), unary)).toMatchObject({
      code: 'provider_unavailable',
    });
  });

  it('survives a gateway page and an error of 10 MB', async () => {
    const page = await failure(reply(502, {}, '<html><title>502 Bad Gateway</title></html>'), unary);
    expect(page).toMatchObject({ code: 'provider_unavailable', status: 502 });
    expect(page.message).toContain('502 Bad Gateway');
    await server.close();
    const huge = await failure(reply(500, {}, Buffer.alloc(10 * 1024 * 1024, 'x')), unary);
    expect(huge).toMatchObject({ code: 'provider_unavailable', status: 500 });
    expect(huge.message.length).toBeLessThan(1_000);
  });
});
