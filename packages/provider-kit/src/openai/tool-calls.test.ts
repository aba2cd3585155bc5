import { describe, expect, it } from 'vitest';
import type { ToolCallFragment } from './chunk.js';
import { ToolCalls } from './tool-calls.js';

function fragment(fields: Partial<ToolCallFragment>): ToolCallFragment {
  return { index: undefined, id: '', name: '', inputText: '', ...fields };
}

/** The complete calls that the fragments make. */
function callsOf(fragments: readonly Partial<ToolCallFragment>[]): object[] {
  const calls = new ToolCalls();
  const count = fragments.filter((fields) => calls.add(fragment(fields)).begins).length;
  return Array.from({ length: count }, (_, position) => calls.part(position).part);
}

describe('tool calls', () => {
  it('are put together by index, with empty ids and names on later fragments', () => {
    expect(
      callsOf([
        { index: 0, id: 'a', name: 'weather', inputText: '' },
        { index: 1, id: 'b', name: 'time', inputText: '{"zone":' },
        { index: 0, id: '', name: '', inputText: '{"city":' },
        { index: 1, inputText: '"CET"}' },
        { index: 0, id: '', inputText: '"Rome"}' },
      ]),
    ).toEqual([
      { type: 'tool_call', id: 'a', name: 'weather', input: { city: 'Rome' } },
      { type: 'tool_call', id: 'b', name: 'time', input: { zone: 'CET' } },
    ]);
  });

  it('are apart when each is whole, though all have the same index, the same name and no id', () => {
    const call = (city: string) => ({ index: 0, name: 'weather', inputText: JSON.stringify({ city }) });
    expect(callsOf([call('Rome'), call('Oslo')])).toMatchObject([
      { name: 'weather', input: { city: 'Rome' } },
      { name: 'weather', input: { city: 'Oslo' } },
    ]);
    const trailing = { index: 0, name: 'weather', inputText: '' };
    expect(callsOf([call('Rome'), trailing])).toMatchObject([{ input: { city: 'Rome' } }]);
  });

  it('may repeat id and name on every fragment', () => {
    expect(
      callsOf([
        { index: 3, id: 'a', name: 'weather', inputText: '{"city":' },
        { index: 3, id: 'a', name: 'weather', inputText: '"Rome"}' },
      ]),
    ).toEqual([{ type: 'tool_call', id: 'a', name: 'weather', input: { city: 'Rome' } }]);
  });

  it('begin anew when an index is used again with another id or name', () => {
    expect(
      callsOf([
        { index: 0, id: 'a', name: 'weather', inputText: '{}' },
        { index: 0, id: 'b', name: 'weather', inputText: '{"x":1}' },
        { index: 0, id: '', name: 'time', inputText: '{}' },
      ]),
    ).toMatchObject([
      { id: 'a', input: {} },
      { id: 'b', input: { x: 1 } },
      { name: 'time', input: {} },
    ]);
  });

  it('are told apart without any index by id, or by name', () => {
    expect(
      callsOf([
        { id: 'a', name: 'weather', inputText: '{"city":' },
        { id: 'a', inputText: '"Rome"}' },
        { name: 'time', inputText: '{"zone":' },
        { inputText: '"CET"}' },
      ]),
    ).toMatchObject([
      { id: 'a', input: { city: 'Rome' } },
      { name: 'time', input: { zone: 'CET' } },
    ]);
  });

  it('go on under a new id on every fragment, as some servers give them', () => {
    expect(
      callsOf([
        { index: 0, id: 'a1', name: 'weather', inputText: '' },
        { index: 0, id: 'a2', inputText: '{"city":' },
        { index: 0, id: 'a3', inputText: '"Rome"}' },
        { index: 0, id: 'b1', name: 'time', inputText: '{"zone":' },
        { index: 0, id: 'b2', inputText: '"CET"}' },
      ]),
    ).toEqual([
      { type: 'tool_call', id: 'a1', name: 'weather', input: { city: 'Rome' } },
      { type: 'tool_call', id: 'b1', name: 'time', input: { zone: 'CET' } },
    ]);
  });

  it('may come in turns under one index when each has an id of its own', () => {
    expect(
      callsOf([
        { index: 0, id: 'a', name: 'weather', inputText: '{"city":' },
        { index: 0, id: 'b', name: 'weather', inputText: '{"city":' },
        { index: 0, id: 'a', inputText: '"Rome"}' },
        { index: 0, id: 'b', inputText: '"Oslo"}' },
      ]),
    ).toMatchObject([
      { id: 'a', input: { city: 'Rome' } },
      { id: 'b', input: { city: 'Oslo' } },
    ]);
  });

  it('have the input behind an empty one that only keeps its place', () => {
    expect(
      callsOf([
        { index: 0, id: 'a', name: 'weather', inputText: '{}' },
        { index: 0, inputText: '{"city":"Rome"}' },
      ]),
    ).toMatchObject([{ id: 'a', input: { city: 'Rome' } }]);
  });

  it('have null for an input when null is what the model wrote', () => {
    expect(callsOf([{ index: 0, id: 'a', name: 'now', inputText: 'null' }])).toMatchObject([{ input: null }]);
  });

  it('without any id get one each', () => {
    const [first, second] = callsOf([{ name: 'a' }, { name: 'a' }]) as { id: string }[];
    expect(first?.id).toMatch(/^call_/);
    expect(second?.id).not.toBe(first?.id);
  });

  it('say their id in every fragment event, and their name as soon as it is known', () => {
    const calls = new ToolCalls();
    expect(calls.add(fragment({ index: 0, id: 'a', inputText: '{' })).event).toEqual({
      type: 'tool_call_delta',
      id: 'a',
      inputText: '{',
    });
    expect(calls.add(fragment({ index: 0, name: 'weather', inputText: '}' })).event).toEqual({
      type: 'tool_call_delta',
      id: 'a',
      name: 'weather',
      inputText: '}',
    });
  });

  it('keep input that is no JSON as text, with a warning', () => {
    const calls = new ToolCalls();
    calls.add(fragment({ index: 0, id: 'a', name: 'weather', inputText: '{"city": "Ro' }));
    expect(calls.part(0)).toMatchObject({
      part: { input: '{"city": "Ro' },
      warning: { code: 'invalid_tool_input', details: { id: 'a' } },
    });
  });

  it('are an invalid response when a call never gets a name', () => {
    expect(() => callsOf([{ index: 0, id: 'a', inputText: '{}' }])).toThrow(/tool call without a name/);
  });
});
