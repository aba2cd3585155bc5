import { VibeError } from '@vibe/core';
import { describe, expect, it } from 'vitest';
import { defaultLedgerPath, ledgerPath } from './default-path.js';
import sqliteLedger, { sqliteLedger as named } from './index.js';

describe('sqliteLedger', () => {
  it('is a plugin that can be configured without being opened', () => {
    expect(sqliteLedger).toBe(named);
    expect(
      sqliteLedger({ path: '/nowhere/x.db', timezone: 'Asia/Shanghai', holdLeaseMs: 1000, limiter: false }),
    ).toMatchObject({
      kind: 'plugin',
      name: '@vibe/ledger-sqlite',
      specVersion: 'v1',
    });
    expect(sqliteLedger()).toMatchObject({ kind: 'plugin' });
  });

  it.each([
    [{ path: ':memory:' }, /options\.path: .*leave the plugin out/],
    [{ path: '' }, /options\.path/],
    [{ path: 'file:x.db?mode=ro' }, /options\.path/],
    [{ path: 7 }, /options\.path: expected a string/],
    [{ timezone: 'Mars/Olympus' }, /options\.timezone: .*no IANA time zone/],
    [{ holdLeaseMs: 0 }, /options\.holdLeaseMs/],
    [{ holdLeaseMs: Number.NaN }, /options\.holdLeaseMs/],
    [{ limiter: 'no' }, /options\.limiter/],
    [{ pfad: 'x' }, /options\.pfad: unknown option; there are path, timezone/],
  ])('refuses %j where it is written', (options, message) => {
    let thrown: unknown;
    try {
      sqliteLedger(options as never);
    } catch (error) {
      thrown = error;
    }
    expect(VibeError.is(thrown, 'config')).toBe(true);
    expect((thrown as VibeError).message).toMatch(message);
  });
});

describe('the path of the ledger', () => {
  it('is in the state folder of the user', () => {
    expect(defaultLedgerPath({ XDG_STATE_HOME: '/state' })).toBe('/state/vibe/ledger.db');
    expect(defaultLedgerPath({ XDG_STATE_HOME: 'relative' })).toMatch(/\.local\/state\/vibe\/ledger\.db$/);
    expect(defaultLedgerPath({})).toMatch(/\.local\/state\/vibe\/ledger\.db$/);
  });

  it('is absolute, so that a change of folder does not move it', () => {
    expect(ledgerPath('vibe.db')).toBe(`${process.cwd()}/vibe.db`);
  });
});
