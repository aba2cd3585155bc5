import { describe, expect, it } from 'vitest';
import { countTests } from './plain-summary.mjs';

const moduleOf = ({ states = [], errors = [], suiteErrors = [] }) => ({
  errors: () => errors,
  children: {
    allTests: () => states.map((state) => ({ result: () => ({ state }) })),
    allSuites: () => [{ errors: () => suiteErrors }],
  },
});

describe('the plain summary', () => {
  it('counts nothing as nothing', () => {
    expect(countTests([], [])).toEqual({ passed: 0, failed: 0, skipped: 0 });
  });

  it('counts tests over all modules; pending ones were skipped', () => {
    const modules = [
      moduleOf({ states: ['passed', 'failed', 'skipped'] }),
      moduleOf({ states: ['passed', 'pending'] }),
    ];
    expect(countTests(modules, [])).toEqual({ passed: 2, failed: 1, skipped: 2 });
  });

  it('counts what failed outside of a test: a module, a hook of a suite, an unhandled error', () => {
    const modules = [
      moduleOf({ errors: [new Error('no import')] }),
      moduleOf({ suiteErrors: [new Error('beforeAll')] }),
    ];
    expect(countTests(modules, [new Error('unhandled')])).toEqual({ passed: 0, failed: 3, skipped: 0 });
  });
});
