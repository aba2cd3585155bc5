import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { memoryLedger } from '@vibe/core';
import { sqliteLedger } from '@vibe/ledger-sqlite';
import { administerLedgerFile } from '@vibe/ledger-sqlite/file';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type FakeWorld, fakeWorld, run } from '../testing.js';

let folder: string;
let ledger: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'vibe-budget-'));
  ledger = join(folder, 'ledger.db');
  mkdirSync(join(folder, 'home'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function world(given: Parameters<typeof fakeWorld>[0] = {}): FakeWorld {
  const env = { NO_COLOR: '1', HOME: join(folder, 'home'), XDG_CONFIG_HOME: join(folder, 'home/.config') };
  return fakeWorld({ cwd: folder, env, now: Date.now, timezone: 'UTC', ...given });
}

const config = (text: string) => writeFileSync(join(folder, 'vibe.config.yaml'), text);
const configured = () => readFileSync(join(folder, 'vibe.config.yaml'), 'utf8');

const target = { provider: 'qwen', profile: 'default', endpoint: 'cn', region: 'cn', model: 'qwen-plus' };
const budget = {
  id: 'total',
  scope: 'all',
  window: 'total',
  timezone: null,
  limitNanoUsd: 1e9,
  mode: 'strict_budget',
  warnAt: [],
  shadow: false,
  origin: 'test',
} as const;

/** Leaves an open hold behind, as a process that died. */
async function openHold(callId: string, leaseMs = 3_600_000): Promise<void> {
  const parts = sqliteLedger({ path: ledger, holdLeaseMs: leaseMs });
  if (parts.kind !== 'plugin') throw new Error('unreachable');
  const created = [parts.create({ now: Date.now, random: Math.random, warn: () => undefined })].flat();
  const kept = created.find((part): part is ReturnType<typeof memoryLedger> => part.kind === 'ledger');
  await kept?.hold({
    callId,
    amountNanoUsd: 20_000_000,
    budgets: [budget],
    strict: true,
    leaseMs,
    tags: {},
    traceId: 't',
    target,
    estimatedUsage: { quantities: { input_token: 1 }, unknown: true, source: 'estimated' },
  });
  await kept?.close();
}

describe('llm budget holds', () => {
  it('says that nothing is held', async () => {
    expect(await run(['budget', 'holds', '--ledger', ledger], world())).toEqual({
      exitCode: 0,
      out: '',
      err: 'No money is held: no call is in flight.\n',
    });
  });

  it('lists what calls have set aside, and ends it when told to', async () => {
    await openHold('call-000001');
    const listed = await run(['budget', 'holds', '--ledger', ledger], world());
    expect(listed.out).toMatch(
      /call-000001 +\$0\.0200 +\d+ [sm] +\d+ m left +\d+ +qwen-plus @ qwen\/cn\n\n1 hold, \$0\.0200 together\.\n$/,
    );
    const asked = await run(['budget', 'holds', 'release', '000001', '--ledger', ledger, '--no-input'], world());
    expect(asked).toMatchObject({ exitCode: 2, out: '' });
    expect(asked.err).toContain('add --yes');
    const refused = await run(['budget', 'holds', 'release', '000001', '--ledger', ledger], terminal('n\n'));
    expect(refused.err).toContain('[y/N]');
    expect(refused.err).toContain('Nothing was changed.');
    const ended = await run(['budget', 'holds', 'release', '000001', '--spent', '--ledger', ledger], terminal('y\n'));
    expect(ended).toMatchObject({ exitCode: 0 });
    expect(ended.err).toContain('Ended the hold of call-000001 ($0.0200) as spent.');
    const admin = administerLedgerFile(ledger);
    expect(await admin.holds()).toEqual([]);
    await admin.close();
  });

  it('misses a call it does not know', async () => {
    await openHold('call-000002');
    const { exitCode, err } = await run(['budget', 'holds', 'release', 'nobody', '--yes', '--ledger', ledger], world());
    expect(exitCode).toBe(2);
    expect(err).toContain('"nobody" has no open hold.');
  });

  it('of dead processes are ended by whoever looks', async () => {
    await openHold('call-000003', 1);
    const today = await run(['budget', 'report', '--json', '--ledger', ledger], world());
    expect(JSON.parse(today.out).totals).toMatchObject({ expired: 1, cost_nano_usd: 20_000_000 });
    const stale = await run(['budget', 'holds', 'release', '--stale', '--yes', '--ledger', ledger], world());
    expect(stale).toMatchObject({ exitCode: 0 });
    expect(stale.err).toContain('No hold of a dead process is left');
  });
});

/** A terminal with somebody who answers. */
function terminal(answer: string): FakeWorld {
  const given = world({ input: answer });
  return { ...given, stdin: Object.assign(given.stdin, { isTTY: true }) };
}

describe('llm budget set', () => {
  it('writes a new budget, and leaves comments alone', async () => {
    config('# ours\nmode: best_effort # fine\n');
    const { exitCode, err } = await run(['budget', 'set', 'day', '5usd', '--warn', '80'], world());
    expect({ exitCode, err }).toEqual({ exitCode: 0, err: 'day $5.0000 in vibe.config.yaml.\n' });
    expect(configured()).toBe(
      '# ours\nmode: best_effort # fine\nbudgets:\n  - window: day\n    limitUsd: 5\n    warnAt:\n      - 0.8\n',
    );
  });

  it('leaves all else in the file as it is written, and a link a link', async () => {
    const text =
      "plugins: [ '@vibe/pricing-registry' ]   # prices\nlimits: {'*': {rpm:   60}}\nbudgets:\n- {window: day,   limitUsd: 5}    # a day\n\n- window:   month   # a month\n  limitUsd: 50\n";
    writeFileSync(join(folder, 'elsewhere.yaml'), text, { mode: 0o600 });
    symlinkSync('elsewhere.yaml', join(folder, 'vibe.config.yaml'));
    expect((await run(['budget', 'set', 'day', '4'], world())).exitCode).toBe(0);
    expect(configured()).toBe(text.replace('limitUsd: 5}', 'limitUsd: 4}'));
    expect(readFileSync(join(folder, 'elsewhere.yaml'), 'utf8')).toBe(configured());
    expect(statSync(join(folder, 'elsewhere.yaml')).mode & 0o777).toBe(0o600);
    const json = '{\n    "budgets": [ {"window":"day", "limitUsd":5} ]\n}\n';
    rmSync(join(folder, 'vibe.config.yaml'));
    writeFileSync(join(folder, 'vibe.config.json'), json);
    await run(['budget', 'set', 'day', '4'], world());
    expect(readFileSync(join(folder, 'vibe.config.json'), 'utf8')).toBe(json.replace(':5', ':4'));
  });

  it('lowers one at once, and asks before it raises one', async () => {
    config('budgets:\n  - id: team # a comment\n    window: month\n    limitUsd: 50\n');
    expect(await run(['budget', 'set', 'team', '$20', '--mode', 'strict_budget'], world())).toMatchObject({
      exitCode: 0,
    });
    expect(configured()).toBe(
      'budgets:\n  - id: team # a comment\n    window: month\n    limitUsd: 20\n    mode: strict_budget\n',
    );
    const unattended = await run(['budget', 'set', 'team', '90', '--no-input'], world());
    expect(unattended).toMatchObject({ exitCode: 2 });
    expect(unattended.err).toContain('Raise the budget "team" from $20.0000 to $90.0000 in');
    expect(unattended.err).toContain('add --yes');
    expect(configured()).toContain('limitUsd: 20');
    expect(await run(['budget', 'set', 'team', '90', '--yes'], world())).toMatchObject({ exitCode: 0 });
    expect(configured()).toContain('limitUsd: 90');
  });

  it('says when another file is stricter', async () => {
    config('budgets: [{ window: day, limitUsd: 5 }]\n');
    const { err } = await run(['budget', 'set', 'day', '9', '--user'], world());
    expect(err).toContain('It stays $5.0000: vibe.config.yaml:1 is stricter.');
  });

  it('keeps JSON what it is', async () => {
    const path = join(folder, 'vibe.config.json');
    writeFileSync(path, '{ "mode": "best_effort" }\n');
    await run(['budget', 'set', 'total', '7'], world());
    expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual({
      mode: 'best_effort',
      budgets: [{ window: 'total', limitUsd: 7 }],
    });
  });

  it('refuses what it does not know, and suggests', async () => {
    config('budgets: [{ id: marketing, window: day, limitUsd: 5 }]\n');
    const { exitCode, err } = await run(['budget', 'set', 'marketting', '5'], world());
    expect(exitCode).toBe(2);
    expect(err).toContain('(did you mean marketing?)');
    expect((await run(['budget', 'set', 'day', 'five'], world())).err).toContain('"five" is no amount in USD');
  });
});

describe('llm budget watch', () => {
  it.each(['0', '0.01', '99999999'])('pauses between two looks, but not for %s seconds', async (seconds) => {
    for (const words of [
      ['watch', '--every', seconds],
      ['today', '--watch', seconds],
    ]) {
      const { exitCode, err } = await run(['budget', ...words], world());
      expect({ exitCode, err }).toEqual({
        exitCode: 2,
        err: expect.stringMatching(/It\s+takes\s+seconds\s+from\s+0.1\s+to\s+86400/),
      });
    }
  });

  it('looks again until it is stopped', async () => {
    const stopped = new AbortController();
    let looks = 0;
    const sleep = async (ms: number) => {
      expect(ms).toBe(5_000);
      looks += 1;
      if (looks === 3) stopped.abort();
    };
    config('budgets: [{ window: day, limitUsd: 5 }]\n');
    await openHold('call-000009');
    const given = world({ sleep, signal: stopped.signal });
    const { exitCode, out } = await run(['budget', 'watch', '--every', '5', '--ledger', ledger], given);
    expect(exitCode).toBe(0);
    expect(out.split('\u001b[H\u001b[J').length).toBe(4);
  });
});

describe('llm budget today', () => {
  beforeEach(() => openHold('call-000010'));

  it('fits into a line', async () => {
    config('budgets: [{ window: total, limitUsd: 0.1 }]\n');
    const { out } = await run(['budget', 'today', '--statusline', '--ledger', ledger], world());
    expect(out).toBe('vibe $0.0000/$0.1000 20% ▕▒▒▒░░░░░░░░░░▏ 0 calls\n');
    const ascii = await run(['budget', 'today', '--statusline', '--ascii', '--ledger', ledger], world());
    expect(ascii.out).toBe('vibe $0.0000/$0.1000 20% [===..........] 0 calls\n');
  });

  it('fails a script when a budget is used too much', async () => {
    config('budgets: [{ window: total, limitUsd: 0.1 }]\n');
    const over = (percent: string) => run(['budget', 'today', '--fail-over', percent, '--ledger', ledger], world());
    expect((await over('19')).exitCode).toBe(3);
    expect((await over('20%')).exitCode).toBe(0);
  });

  it('shows the budgets that are asked for', async () => {
    config('budgets: [{ window: day, limitUsd: 1 }, { id: team, window: month, limitUsd: 9 }]\n');
    const { out } = await run(['budget', 'today', '--scope', 'team', '--json', '--ledger', ledger], world());
    expect(JSON.parse(out).rows.map(({ id }: { id: string }) => id)).toEqual(['team']);
  });
});

describe('llm budget accuracy', () => {
  it('says that there is nothing to compare', async () => {
    const { exitCode, out, err } = await run(['budget', 'accuracy', '--ledger', ledger], world());
    expect({ exitCode, out }).toEqual({ exitCode: 0, out: '' });
    expect(err).toMatch(/^No calls recorded: /);
  });
});
