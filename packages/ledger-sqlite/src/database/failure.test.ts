import { expect, it } from 'vitest';
import { failureOf, isUnavailable } from './failure.js';

// The words of Node: of the first attempt of a process to load the module, and of every later one.
it.each([
  "The module '/app/better_sqlite3.node'\nwas compiled against a different Node.js version using\nNODE_MODULE_VERSION 115.",
  "Module did not self-register: '/app/better_sqlite3.node'.",
])('a native module that cannot be loaded makes the ledger unavailable, with the way to mend it: %s', (message) => {
  const thrown = Object.assign(new Error(message), { code: 'ERR_DLOPEN_FAILED' });
  expect(isUnavailable(thrown)).toBe(true);
  expect(failureOf(thrown, '/data/ledger.db')).toMatchObject({
    code: 'ledger_unavailable',
    message: expect.stringContaining('the native module better-sqlite3 cannot be loaded'),
    next: [expect.stringContaining('npm rebuild better-sqlite3')],
  });
});
