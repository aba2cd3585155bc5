import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ChatChunk, readChatChunk } from './chunk.js';
import { WordsTemplate } from './words-template.js';

interface Shape {
  readonly field: string;
  readonly more: object;
  readonly around: object;
  readonly finish_reason: string | null;
}

const read = (data: string): ChatChunk => readChatChunk(JSON.parse(data));
const textEvent = (content: string, more: object = {}) =>
  JSON.stringify({ id: 'c', choices: [{ index: 0, delta: { content, ...more }, finish_reason: null }], usage: null });

function learned(data: string): WordsTemplate {
  const template = new WordsTemplate();
  template.learn(data, read(data));
  return template;
}

const someWords = fc.string({ unit: 'binary', minLength: 1 });

describe('events that differ from the one before in their words alone', () => {
  it('are read without being parsed, whatever the words are', () => {
    fc.assert(
      fc.property(someWords, someWords, (first, second) => {
        const template = learned(textEvent(first));
        expect(template.wordsIn(textEvent(second))).toBe(second);
        expect(template.type).toBe('text');
      }),
    );
  });

  it.each<[string, string, string]>([
    [
      'space between fields',
      '{ "choices" : [ {"delta": {"content" : "a" }} ] }',
      '{ "choices" : [ {"delta": {"content" : "b" }} ] }',
    ],
    [
      'characters that are escaped without need',
      '{"choices":[{"delta":{"content":"\\u4f60\\/ \\"a\\\\"}}]}',
      '{"choices":[{"delta":{"content":"\\u0062"}}]}',
    ],
  ])('are read so with %s', (_what, first, second) => {
    expect(learned(first).wordsIn(second)).toBe('b');
  });

  it.each(['reasoning_content', 'reasoning'])('are read so where the words are thoughts in %s', (field) => {
    const thought = (words: string) => textEvent('', { [field]: words }).replace('"content":""', '"content":null');
    const template = learned(thought('hm'));
    expect(template.wordsIn(thought('yes'))).toBe('yes');
    expect(template.type).toBe('reasoning');
    expect(template.wordsIn(textEvent('yes'))).toBeNull();
  });
});

describe('events that differ in more than that', () => {
  const usual = textEvent('Hello');

  it.each<[string, string]>([
    ['another id', usual.replace('"c"', '"d"')],
    ['a finish reason', usual.replace('null', '"stop"')],
    ['usage', usual.replace('"usage":null', '"usage":{"prompt_tokens":1}')],
    ['one field more behind the words', usual.replace('"Hello"', '"Hello","tool_calls":[]')],
    ['one field more in the place of the words', usual.replace('"Hello"', '"","refusal":"No"')],
    ['no words', usual.replace('"Hello"', 'null')],
    ['empty words', usual.replace('Hello', '')],
    ['words that are no JSON', usual.replace('Hello', 'a\nb')],
    ['half of it', usual.slice(0, 40)],
    ['less than what stands around the words', usual.replace('"Hello"', '')],
    ['the end', '[DONE]'],
  ])('are left to the parser: %s', (_what, data) => {
    expect(learned(usual).wordsIn(data)).toBeNull();
  });

  it.each<[string, string]>([
    [
      'the field stands there before, where nobody reads it',
      '{"note":{"content":"Hello"},"choices":[{"delta":{"content":"Hello"}}]}',
    ],
    ['a second field of that name hides behind escapes', usual.replace('"Hello"', '"Hello","cont\\u0065nt":"Hello"')],
    ['it says more than words', textEvent('Hello', { refusal: 'No' })],
    ['it is the last one', usual.replace('null', '"stop"')],
    ['its words are a list of parts', '{"choices":[{"delta":{"content":[{"type":"text","text":"Hello"}]}}]}'],
    ['its words come from elsewhere', '{"content":"Hello","choices":[{"message":{"content" :"Hello"}}]}'],
  ])('are not learned from: %s', (_what, data) => {
    expect(learned(data).wordsIn(data)).toBeNull();
  });

  it('are not learned from where they are lines of which one is the event', () => {
    const template = new WordsTemplate();
    template.learn(`${usual}\n[DONE]`, read(usual));
    expect(template.wordsIn(`${usual}\n[DONE]`)).toBeNull();
  });

  it('are left to the parser where only a copy of the words differs, that nobody reads', () => {
    const thought = (words: string, copy: string) =>
      textEvent('', { more: { reasoning_content: copy }, reasoning: words });
    const template = learned(thought('hm', 'hm'));
    expect(template.wordsIn(thought('hm', 'yes'))).toBeNull();
    expect(template.wordsIn(thought('yes', 'hm'))).toBe('yes');
  });

  it('say the same both ways, or are left to the parser', () => {
    const words = fc.constantFrom('a', '', '\\', '"', 'null', '","content":"b', 'é你🙂\u2028');
    const fields = fc.constantFrom('content', 'reasoning_content', 'reasoning', 'refusal', 'role');
    const shape = fc.record({
      field: fc.constantFrom('content', 'content', 'reasoning_content', 'reasoning'),
      more: fc.oneof(fc.constant({}), fc.dictionary(fields, fc.oneof(words, fc.constant(null)), { maxKeys: 2 })),
      around: fc.oneof(
        fc.constant({}),
        fc.record(
          {
            id: fc.constantFrom('c', 'd'),
            content: words,
            error: fc.constant('x'),
            usage: fc.constant({ total_tokens: 1 }),
          },
          { requiredKeys: [] },
        ),
      ),
      finish_reason: fc.constantFrom(null, null, '', 'stop'),
    });
    const eventOf = ({ field, more, around, finish_reason }: Shape, said: string) => ({
      ...around,
      choices: [{ delta: { ...more, [field]: said }, finish_reason }],
    });
    // A stream goes on in one of two ways.
    const stream = fc
      .tuple(shape, shape, fc.array(fc.tuple(fc.boolean(), words), { minLength: 2, maxLength: 12 }))
      .map(([one, other, list]) => list.map(([isOne, said]) => eventOf(isOne ? one : other, said)));
    let hits = 0;
    fc.assert(
      fc.property(stream, (events) => {
        const template = new WordsTemplate();
        let before: ChatChunk | null = null;
        for (const data of events.map((each) => JSON.stringify(each))) {
          const chunk = read(data);
          const found = template.wordsIn(data);
          if (found === null) {
            template.learn(data, chunk);
            before = chunk;
            continue;
          }
          hits++;
          expect(chunk).toEqual({
            ...before,
            choice: { ...before?.choice, [template.type]: found },
          });
        }
      }),
      { numRuns: 2_000 },
    );
    expect(hits).toBeGreaterThan(100);
  });

  it('are not looked at for ever where every event is signed anew', () => {
    const template = new WordsTemplate();
    const signed = (sign: number) => textEvent('Hello', { sign });
    for (let sign = 0; sign < 8; sign++) {
      expect(template.wordsIn(signed(sign))).toBeNull();
      template.learn(signed(sign), read(signed(sign)));
    }
    template.learn(signed(8), read(signed(8)));
    expect(template.wordsIn(signed(8))).toBeNull();
  });
});
