import { describe, expect, it } from 'vitest';
import { StreamedCall } from './streamed-call.js';

type Argument = Parameters<StreamedCall['add']>[0];

function argsOf(...args: readonly Argument[]): unknown {
  const call = new StreamedCall('f', undefined, undefined);
  for (const each of args) call.add(each);
  return call.args;
}

describe('streamed arguments', () => {
  it('put the pieces of a string together', () => {
    expect(
      argsOf(
        { jsonPath: '$.city', stringValue: 'New' },
        { jsonPath: '$.city', stringValue: 'York' },
        { jsonPath: '$.city', stringValue: '' },
      ),
    ).toEqual({ city: 'NewYork' });
  });

  it('set values at any depth', () => {
    expect(
      argsOf(
        { jsonPath: '$.a.b', numberValue: 0 },
        { jsonPath: '$.list[0].x', boolValue: false },
        { jsonPath: '$.list[1].x', boolValue: true },
        { jsonPath: "$['odd key']", stringValue: 'y' },
        { jsonPath: '$.none' },
      ),
    ).toEqual({ a: { b: 0 }, list: [{ x: false }, { x: true }], 'odd key': 'y', none: null });
  });

  it('cannot reach the prototype', () => {
    expect(argsOf({ jsonPath: '$.__proto__.polluted', stringValue: 'yes' })).toEqual({});
    expect(({} as { polluted?: string }).polluted).toBeUndefined();
  });
});
