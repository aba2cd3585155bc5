import { describe, expect, it } from 'vitest';
import { scripted, testPrices } from '../../test/scripted-provider.js';
import { createVibe } from '../create-vibe.js';
import type { Part } from '../spec/content.js';
import type { ProviderEvent } from '../spec/event.js';
import type { Json } from '../spec/json.js';
import type { Quantities } from '../spec/usage.js';

const text = (words: string): ProviderEvent => ({ type: 'delta', part: { type: 'text', text: words }, text: words });
const thought = (words: string): ProviderEvent => ({ type: 'delta', part: { type: 'reasoning', text: words } });
const usage = (quantities: Quantities, deltasAhead?: number): ProviderEvent => ({
  type: 'usage',
  usage: { quantities, unknown: true, source: 'partial' },
  ...(deltasAhead !== undefined && { deltasAhead }),
});

function final(content: readonly Part[], said: Quantities | null): ProviderEvent {
  const counted = said === null ? null : ({ quantities: said, unknown: true, source: 'partial' } as const);
  const end = { finishReason: 'length', rawFinishReason: 'length', servedModel: null, requestId: null } as const;
  return { type: 'final', result: { content, usage: counted, ...end } };
}

/** What a call is billed whose consumer leaves at the n-th delta. */
async function billed(events: readonly ProviderEvent[], leaveAt: number): Promise<Quantities | undefined> {
  const provider = scripted(async function* ({ signal }) {
    yield* events;
    await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason), { once: true }));
  });
  const stream = createVibe({ plugins: [provider, testPrices] }).stream({ prompt: 'Hi', model: 'acme-1' });
  let deltas = 0;
  for await (const event of stream) if (event.type === 'delta' && ++deltas === leaveAt) break;
  return (await stream.final()).usage?.quantities;
}

describe('the usage of a stream that is left', () => {
  it('is what the provider said about the deltas it comes before, counted once', async () => {
    const said = { input_token: 7, output_token: 3 };
    expect(await billed([usage(said, 2), text('one two'), text(' three')], 1)).toEqual(said);
    expect(await billed([usage(said, 2), text('one two'), text(' three')], 2)).toEqual(said);
  });

  it('has our count of what came after the report', async () => {
    const said = { input_token: 7, output_token: 3 };
    expect(await billed([usage(said, 1), text('one two three'), text(' four')], 2)).toEqual({
      ...said,
      output_token: 5,
    });
    expect(await billed([text('one two three'), usage(said), text(' four')], 2)).toEqual({ ...said, output_token: 5 });
  });

  it('keeps our count of thoughts until the provider counts them itself', async () => {
    const silent = usage({ input_token: 7 }, 1);
    const events = [
      silent,
      thought('one two'),
      silent,
      thought(' three'),
      usage({ input_token: 7, output_token: 1, reasoning_token: 90 }, 1),
      text('yes'),
    ];
    expect(await billed(events, 2)).toMatchObject({ input_token: 7, reasoning_token: 4 });
    expect(await billed(events, 3)).toEqual({ input_token: 7, output_token: 1, reasoning_token: 90 });
  });
});

describe('our count of words', () => {
  const ways: Record<string, { events: readonly ProviderEvent[]; quantities: Quantities }> = {
    'of an answer that is left': {
      events: [thought('one two three'), text('a long answer')],
      quantities: { output_token: 2, reasoning_token: 0 },
    },
    'of an answer that is left behind a report': {
      events: [usage({ input_token: 7, output_token: 1 }), thought('one'), text('a long answer')],
      quantities: { input_token: 7, output_token: 2 },
    },
    'of a whole answer that nobody counted': {
      events: [final([{ type: 'text', text: 'a long answer' }], null)],
      quantities: { output_token: 2 },
    },
    'of a whole answer whose input alone was counted': {
      events: [final([{ type: 'text', text: 'a long answer' }], { input_token: 7 })],
      quantities: { input_token: 7, output_token: 2 },
    },
  };

  it.each(Object.entries(ways))('%s ends at the cap that was sent, and costs no more than was held', async (_, way) => {
    const provider = scripted(async function* ({ signal }) {
      yield* way.events;
      await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason), { once: true }));
    });
    const vibe = createVibe({ plugins: [provider, testPrices], budgets: [{ window: 'total', limitUsd: 1 }] });
    let heldNanoUsd = 0;
    vibe.on('hold', ({ amountNanoUsd }) => {
      heldNanoUsd = amountNanoUsd;
    });
    const stream = vibe.stream({ prompt: 'Hi', model: 'acme-1', maxOutputTokens: 2 });
    for await (const event of stream) if (event.type === 'delta' && event.text !== undefined) break;
    const response = await stream.final();
    expect({ reasoning_token: 0, ...response.usage?.quantities }).toMatchObject(way.quantities);
    expect(response.cost.actualNanoUsd).toBeLessThanOrEqual(heldNanoUsd);
  });
});

describe('the usage of a whole answer that the provider knows half of', () => {
  /** What such a call is billed, and whether that is sure. */
  async function settled(quantities: Quantities, unknown = true) {
    const provider = scripted(async function* () {
      const part = { type: 'text', text: 'one two three' } as const;
      yield { type: 'delta', part, text: part.text };
      const told = { quantities, unknown, source: unknown ? 'partial' : 'provider' } as const;
      const end = { finishReason: 'stop', rawFinishReason: 'stop', servedModel: null, requestId: null } as const;
      yield { type: 'final', result: { content: [part], usage: told, ...end } };
    });
    return (await createVibe({ plugins: [provider, testPrices] }).generate({ prompt: 'Hi', model: 'acme-1' })).usage;
  }

  it('has our bound of the input, and our count of the output', async () => {
    const [noInput, noOutput] = [await settled({ output_token: 9 }), await settled({ input_token: 7 })];
    expect(noInput).toMatchObject({ unknown: true, quantities: { output_token: 9 } });
    expect(noInput?.quantities.input_token).toBeGreaterThan(0);
    expect(noOutput).toMatchObject({ unknown: true, quantities: { input_token: 7, output_token: 4 } });
  });

  it('is left alone when the provider is sure, or knows both', async () => {
    expect((await settled({ output_token: 9 }, false))?.quantities).toEqual({ output_token: 9 });
    const both = { input_token: 7, reasoning_token: 2 };
    expect((await settled(both))?.quantities).toEqual(both);
  });
});

describe('the usage of a whole answer that nobody counted', () => {
  const words = { type: 'text', text: 'one two three four' } as const;
  const toolCall = { type: 'tool_call', id: 'call-1', name: 'weather', input: { city: 'Lima' } } as const;
  const uncounted = (content: readonly Part[]) => final(content, null);
  async function quantitiesOf(events: readonly ProviderEvent[]) {
    const provider = scripted(async function* () {
      yield* events;
    });
    const vibe = createVibe({ plugins: [provider, testPrices] });
    return (await vibe.generate({ prompt: 'Hi', model: 'acme-1' })).usage?.quantities;
  }

  it('has its words, also where they came in no delta', async () => {
    const whole = await quantitiesOf([uncounted([words])]);
    expect(whole?.output_token).toBeGreaterThan(0);
    expect(whole).toEqual(await quantitiesOf([text(words.text), uncounted([words])]));
  });

  it('is no reason to lose an answer with a part that cannot be counted', async () => {
    const uncountable = { ...toolCall, input: 5n as unknown as Json };
    expect(await quantitiesOf([uncounted([words, uncountable])])).toEqual(await quantitiesOf([uncounted([words])]));
  });

  it('has its thoughts and the input of its tools', async () => {
    const thoughts = { type: 'reasoning', text: 'one two three' } as const;
    const whole = await quantitiesOf([uncounted([thoughts, toolCall])]);
    expect(whole).toEqual(
      await quantitiesOf([
        thought(thoughts.text),
        { type: 'tool_call_delta', id: toolCall.id, inputText: JSON.stringify(toolCall.input) },
        uncounted([thoughts, toolCall]),
      ]),
    );
    expect(whole?.output_token).toBeGreaterThan(0);
    expect(whole?.reasoning_token).toBeGreaterThan(0);
  });
});

it('words behind the last count of a whole answer are billed beside it', async () => {
  const content = [{ type: 'text', text: 'one two three four' }] as const;
  const said = { input_token: 7, output_token: 3 };
  const provider = scripted(async function* () {
    yield* [usage(said, 1), text('one two three'), text(' four'), final(content, said)];
  });
  const response = await createVibe({ plugins: [provider, testPrices] }).generate({ prompt: 'Hi', model: 'acme-1' });
  expect(response.usage).toEqual({ quantities: { ...said, output_token: 5 }, unknown: true, source: 'partial' });
});
