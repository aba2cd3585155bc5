import { expect, it } from 'vitest';
import { functionChoice, functionTools, planCalls, type ToolQuestion } from './tool-plan.js';

const tools = [
  { name: 'weather', input: { type: 'object', properties: { city: { type: 'string' } } } },
  { name: 'clock', input: { type: 'object', properties: {} } },
];
const question: ToolQuestion = { tools, asksNow: true, lastUserText: 'Is it raining?', choice: null };
const weather = { name: 'weather', input: '{"city":"simulated city"}' };

it.each<[string, Partial<ToolQuestion>, object[]]>([
  ['the first tool by itself', {}, [weather]],
  ['any tool when it must', { choice: true, lastUserText: 'echo: no' }, [weather]],
  ['the tool that is named', { choice: 'clock' }, [{ name: 'clock', input: '{}' }]],
  [
    'what the message says, in parallel',
    { lastUserText: 'call: clock\ncall: weather {"city":"Bonn"}' },
    [
      { name: 'clock', input: '{}' },
      { name: 'weather', input: '{"city":"Bonn"}' },
    ],
  ],
  [
    'a tool nobody offered, when the message says so',
    { lastUserText: 'call: oven {}' },
    [{ name: 'oven', input: '{}' }],
  ],
  ['none without tools', { tools: [] }, []],
  ['none after their results', { asksNow: false }, []],
  ['none when it may not', { choice: false, lastUserText: 'call: clock' }, []],
  ['none when the answer is said beforehand', { lastUserText: 'echo: hello' }, []],
  ['none when the named tool is not there', { choice: 'oven' }, []],
])('a simulated model calls %s', (_name, changes, expected) => {
  expect(planCalls({ ...question, ...changes })).toEqual(expected);
});

it('reads tools and choice of chat completions', () => {
  expect(functionTools([{ type: 'function', function: { name: 'a', parameters: { type: 'object' } } }, {}])).toEqual([
    { name: 'a', input: { type: 'object' } },
  ]);
  const choices = ['none', 'required', 'auto', undefined, { type: 'function', function: { name: 'a' } }];
  expect(choices.map(functionChoice)).toEqual([false, true, null, null, 'a']);
});
