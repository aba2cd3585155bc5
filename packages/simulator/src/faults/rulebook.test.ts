import { beforeEach, describe, expect, it } from 'vitest';
import type { Exchange } from '../exchange.js';
import { openaiWire } from '../openai/chat.js';
import { readSettings } from '../options.js';
import { Shelf } from '../shelf.js';
import { readFaults, readRule } from './read-rule.js';
import { MAX_RULES, Rulebook } from './rulebook.js';

let nowMs: number;
let rulebook: Rulebook;

beforeEach(() => {
  nowMs = 1000;
  rulebook = new Rulebook(7, () => nowMs);
});

function exchange(changes: Partial<Exchange> = {}): Exchange {
  return {
    id: 1,
    wire: openaiWire,
    endpoint: 'openai.chat',
    path: '/v1/chat/completions',
    query: new URLSearchParams(),
    headers: {},
    model: 'qwen-plus',
    stream: false,
    prompt: () => 'user: hello there',
    received: { kind: 'empty', bytes: 0 },
    body: {},
    requestId: '',
    origin: 'http://127.0.0.1:1',
    shelf: new Shelf(),
    settings: readSettings({}),
    ...changes,
  };
}

/** Which of the next requests are hit, as text: x for a hit. */
const hits = (count: number, of = exchange()) =>
  Array.from({ length: count }, () => (rulebook.judge(of) ? 'x' : '.')).join('');

const fault = { kind: 'empty' } as const;

describe('a rule', () => {
  it('fires for every request by default, and says with which faults and delay', () => {
    rulebook.add({ fault: [fault, { kind: 'slow', delayMs: 1 }], delayMs: 5 });
    expect(rulebook.judge(exchange())).toEqual({ faults: [fault, { kind: 'slow', delayMs: 1 }], delayMs: 5 });
    expect(hits(3)).toBe('xxx');
  });

  it('fires times times, after some requests, and at every n-th', () => {
    rulebook.add({ fault, times: 2, afterRequests: 3, every: 2 });
    expect(hits(10)).toBe('....x.x...');
    expect(rulebook.states()).toMatchObject([{ matched: 10, fired: 2 }]);
  });

  it('fires between two moments', () => {
    rulebook.add({ fault, fromMs: 100, untilMs: 200 });
    const at = (ms: number) => {
      nowMs = 1000 + ms;
      return hits(1);
    };
    expect([at(0), at(99), at(100), at(199), at(200)].join('')).toBe('..xx.');
  });

  it('fires at its rate, the same for the same seed', () => {
    rulebook.add({ fault, rate: 0.1 });
    const first = hits(5000);
    rulebook.clear();
    rulebook.add({ fault, rate: 0.1 });
    expect(hits(5000)).toBe(first);
    const share = first.replaceAll('.', '').length / 5000;
    expect(share).toBeGreaterThan(0.08);
    expect(share).toBeLessThan(0.12);
    rulebook = new Rulebook(8, () => nowMs);
    rulebook.add({ fault, rate: 0.1 });
    expect(hits(5000)).not.toBe(first);
  });

  it('spares a request that was hit often enough in a row, by whichever rule', () => {
    rulebook.add({ fault, every: 2, maxInARow: 2 });
    rulebook.add({ fault, maxInARow: 2 });
    const other = exchange({ body: { messages: ['other'] } });
    expect(hits(7)).toBe('xx.xx.x');
    expect(hits(3, other)).toBe('xx.');
  });

  it.each([
    [{ path: '/v1/*' }, {}, true],
    [{ path: '/v1' }, {}, false],
    [{ model: 'qwen-*' }, {}, true],
    [{ model: 'qwen-*' }, { model: null }, false],
    [{ endpoint: 'openai.chat' }, {}, true],
    [{ endpoint: '*.models' }, {}, false],
    [{ wire: 'openai' }, {}, true],
    [{ wire: 'gemini' }, {}, false],
    [{ stream: true }, {}, false],
    [{ stream: true }, { stream: true }, true],
    [{ prompt: 'hello' }, {}, true],
    [{ prompt: 'goodbye' }, {}, false],
    [{ model: 'qwen-plus', prompt: 'goodbye' }, {}, false],
  ] as const)('with match %j meets %j: %s', (match, request, expected) => {
    rulebook.add({ match, fault });
    expect(rulebook.judge(exchange(request)) !== null).toBe(expected);
  });

  it('can be withdrawn alone', () => {
    const withdraw = rulebook.add({ fault, match: { stream: true } });
    rulebook.add({ fault: { kind: 'html' } });
    withdraw();
    expect(rulebook.states()).toHaveLength(1);
    expect(rulebook.judge(exchange({ stream: true }))?.faults).toEqual([{ kind: 'html' }]);
  });
});

describe('several rules', () => {
  it('are asked in order: the first that fires decides', () => {
    rulebook.add({ fault, times: 1 });
    rulebook.add({ fault: { kind: 'html' } });
    expect(rulebook.judge(exchange())?.faults).toEqual([fault]);
    expect(rulebook.judge(exchange())?.faults).toEqual([{ kind: 'html' }]);
  });

  it('are bounded in number', () => {
    for (let index = 0; index < MAX_RULES; index += 1) rulebook.add({ fault });
    expect(() => rulebook.add({ fault })).toThrow(/at most 1000 rules/);
  });
});

describe('a script that cannot be used', () => {
  it.each([
    [null, 'rule must be an object'],
    [{}, 'rule.fault must be an object'],
    [{ fault: [] }, 'rule.fault needs at least one fault'],
    [{ fault: { kind: 'explode' } }, 'rule.fault.kind must be one of status, reset'],
    [{ fault: { kind: 'toString' } }, 'rule.fault.kind must be one of'],
    [{ fault: { kind: 'reset', afterDelta: 1 } }, 'rule.fault.afterDelta is not known; known are afterDeltas'],
    [{ fault: { kind: 'reset', afterDeltas: -1 } }, 'rule.fault.afterDeltas must be a whole number, 0 or more'],
    [{ fault: { kind: 'status', hints: ['soon'] } }, 'rule.fault.hints must be a list of retry-after'],
    [{ fault: { kind: 'status', status: 1000 } }, 'rule.fault.status must be an HTTP status'],
    [{ fault: { kind: 'servedModel' } }, 'rule.fault.model is missing'],
    [{ fault, rate: 2 }, 'rule.rate must be a number from 0 to 1'],
    [{ fault, every: 0 }, 'rule.every must be a whole number, 1 or more'],
    [{ fault, match: { modle: 'x' } }, 'rule.match.modle is not known'],
    [{ fault, match: { wire: 'acme' } }, 'rule.match.wire must be gemini, qwen, openai'],
  ])('%j is refused by name', (rule, message) => {
    expect(() => readRule(rule)).toThrow(message);
  });

  it('names the place it came from', () => {
    expect(() => readFaults({ kind: 'no' }, 'x-vibe-fault')).toThrow('x-vibe-fault.kind');
  });
});
