import type { Part, PartsMessage } from '@vibe/core';
import { user } from '@vibe/testing';
import { describe, expect, it } from 'vitest';
import { geminiContents } from './contents.js';
import { madeId } from './part-data.js';

function contents(messages: readonly PartsMessage[], model = 'gemini-2.5-flash'): unknown {
  return geminiContents(messages, model)['contents'];
}

function assistant(...content: readonly Part[]): PartsMessage {
  return { role: 'assistant', content };
}

const call = (id: string, more: Partial<Part> = {}): Part =>
  ({ type: 'tool_call', id, name: `f_${id}`, input: { x: 1 }, ...more }) as Part;

describe('the contents', () => {
  it('have two roles, and the system messages apart', () => {
    const messages: PartsMessage[] = [
      { role: 'system', content: [{ type: 'text', text: 'Be brief.' }] },
      user('Hi'),
      assistant({ type: 'text', text: 'Hello.' }),
      { role: 'system', content: [{ type: 'text', text: 'In German.' }] },
      user('Go on'),
    ];
    expect(geminiContents(messages, 'gemini-2.5-flash')).toEqual({
      systemInstruction: { role: 'user', parts: [{ text: 'Be brief.' }, { text: 'In German.' }] },
      contents: [
        { role: 'user', parts: [{ text: 'Hi' }] },
        { role: 'model', parts: [{ text: 'Hello.' }] },
        { role: 'user', parts: [{ text: 'Go on' }] },
      ],
    });
  });

  it('join messages of one role, as the results of parallel calls must be', () => {
    expect(
      contents([
        user('Hi'),
        assistant(call('a'), call('b')),
        { role: 'tool', content: [{ type: 'tool_result', id: 'a', output: { ok: true } }] },
        { role: 'tool', content: [{ type: 'tool_result', id: 'b', output: 'broken', isError: true }] },
        user('And?'),
      ]),
    ).toEqual([
      { role: 'user', parts: [{ text: 'Hi' }] },
      {
        role: 'model',
        parts: [
          { functionCall: { id: 'a', name: 'f_a', args: { x: 1 } } },
          { functionCall: { id: 'b', name: 'f_b', args: { x: 1 } } },
        ],
      },
      {
        role: 'user',
        parts: [
          { functionResponse: { id: 'a', name: 'f_a', response: { ok: true } } },
          { functionResponse: { id: 'b', name: 'f_b', response: { error: 'broken' } } },
          { text: 'And?' },
        ],
      },
    ]);
  });

  it('send no id that Gemini did not give', () => {
    const id = madeId('1');
    expect(
      contents([assistant(call(id)), { role: 'tool', content: [{ type: 'tool_result', id, output: [1] }] }]),
    ).toEqual([
      { role: 'model', parts: [{ functionCall: { name: `f_${id}`, args: { x: 1 } } }] },
      { role: 'user', parts: [{ functionResponse: { name: `f_${id}`, response: { result: [1] } } }] },
    ]);
  });

  it('echo signatures verbatim, each with its own part', () => {
    const signed = (thoughtSignature: string) => ({ providerData: { thoughtSignature } });
    expect(
      contents(
        [
          assistant(
            { type: 'reasoning', text: 'unsigned thoughts stay here' },
            { type: 'reasoning', text: 'signed', ...signed('s0') },
            { type: 'text', text: 'a' },
            { type: 'text', text: '', ...signed('s1') },
            call('a', signed('s2')),
            call('b'),
          ),
        ],
        'gemini-3.5-flash',
      ),
    ).toEqual([
      {
        role: 'model',
        parts: [
          { text: 'signed', thought: true, thoughtSignature: 's0' },
          { text: 'a' },
          { text: '', thoughtSignature: 's1' },
          { functionCall: { id: 'a', name: 'f_a', args: { x: 1 } }, thoughtSignature: 's2' },
          { functionCall: { id: 'b', name: 'f_b', args: { x: 1 } } },
        ],
      },
    ]);
  });

  it('mark calls of another model for those models that insist on a signature', () => {
    const messages = [assistant({ type: 'text', text: 'See' }, call('a'), call('b'))];
    const partsFor = (model: string) =>
      (contents(messages, model) as { parts: { thoughtSignature?: string }[] }[])[0]?.parts;
    expect(partsFor('gemini-3.5-flash')?.map(({ thoughtSignature }) => thoughtSignature)).toEqual([
      undefined,
      'skip_thought_signature_validator',
      undefined,
    ]);
    expect(partsFor('gemini-2.5-flash')?.every((part) => !('thoughtSignature' in part))).toBe(true);
  });

  it('give back parts of a kind that has no form here', () => {
    const part = { executableCode: { code: '1+1' }, thoughtSignature: 's' };
    expect(contents([assistant({ type: 'text', text: '', providerData: { part } })])).toEqual([
      { role: 'model', parts: [part] },
    ]);
  });

  it('ignore providerData of another provider', () => {
    expect(
      contents([assistant({ type: 'text', text: 'a', providerData: { thoughtSignature: 7, part: [1] } })]),
    ).toEqual([{ role: 'model', parts: [{ text: 'a' }] }]);
    expect(contents([assistant({ type: 'text', text: 'a', providerData: 'x' })])).toEqual([
      { role: 'model', parts: [{ text: 'a' }] },
    ]);
  });

  it('carry media inline or by address', () => {
    const content: Part[] = [
      { type: 'image', mediaType: 'image/png', data: new Uint8Array([1, 2, 3]) },
      { type: 'audio', mediaType: 'audio/wav', data: 'AQID' },
      { type: 'image', mediaType: 'image/jpeg', data: new URL('https://a.example/b.jpg') },
      { type: 'file_ref', mediaType: 'application/pdf', uri: 'https://files.example/abc' },
    ];
    expect(contents([{ role: 'user', content }])).toEqual([
      {
        role: 'user',
        parts: [
          { inlineData: { mimeType: 'image/png', data: 'AQID' } },
          { inlineData: { mimeType: 'audio/wav', data: 'AQID' } },
          { fileData: { mimeType: 'image/jpeg', fileUri: 'https://a.example/b.jpg' } },
          { fileData: { mimeType: 'application/pdf', fileUri: 'https://files.example/abc' } },
        ],
      },
    ]);
  });

  it('leave out texts that are empty, unless they carry a signature', () => {
    const empty: Part = { type: 'text', text: '' };
    const signed: Part = { ...empty, providerData: { thoughtSignature: 'c2ln' } };
    const system: PartsMessage = { role: 'system', content: [empty] };
    expect(
      geminiContents([system, user('a'), assistant(empty), assistant(signed), user('b')], 'gemini-2.5-flash'),
    ).toEqual({
      contents: [
        { role: 'user', parts: [{ text: 'a' }] },
        { role: 'model', parts: [{ text: '', thoughtSignature: 'c2ln' }] },
        { role: 'user', parts: [{ text: 'b' }] },
      ],
    });
  });

  it('refuse a part that has no form here, instead of sending nothing for it', () => {
    const strange = { type: 'hologram', data: 'x' } as unknown as Part;
    expect(() => geminiContents([{ role: 'user', content: [strange] }], 'gemini-2.5-flash')).toThrow(/hologram part/);
  });

  it('refuse a result without its call, because Gemini wants the name', () => {
    expect(() => contents([{ role: 'tool', content: [{ type: 'tool_result', id: 'x', output: 1 }] }])).toThrow(
      /a result for the tool call x, but not the call/,
    );
  });
});
