/** Each check passes where all is well, and warns or fails where something is really wrong. */
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Simulator, startSimulator } from '@vibe/simulator';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { fakeWorld, run, type Sandbox, sandbox } from '../testing.js';
import { ledgerFindings } from './checks/ledger.js';
import { runtimeFindings } from './checks/runtime.js';

const key = 'sk-a-key-that-must-never-be-shown';
const singaporeKey = 'sk-the-key-of-singapore-never-shown';

interface Diagnosis {
  id: string;
  title: string;
  status: string;
  detail: string;
  advice: string[];
}

let cn: Simulator;
let sg: Simulator;
let box: Sandbox;
let env: Record<string, string>;
beforeAll(async () => {
  cn = await startSimulator({ keys: [key] });
  sg = await startSimulator({ keys: [singaporeKey] });
});
afterAll(async () => {
  await cn.close();
  await sg.close();
});
beforeEach(() => {
  box = sandbox();
  env = { HOME: `${box.root}/home`, XDG_STATE_HOME: `${box.root}/state`, PATH: '', NO_COLOR: '1' };
  cn.reset();
  sg.reset();
});
afterEach(() => {
  vi.unstubAllEnvs();
  box.remove();
});

/** Two regions, each of them a simulator that takes only its own key; line 7 is the first of `settings`. */
function project(settings = '', addresses: { cn?: string; sg?: string } = {}): void {
  box.write(
    'project/vibe.config.yaml',
    `plugins:
  - name: '@vibe/provider-qwen'
    options:
      endpoints:
        - { id: cn, region: cn, baseUrl: '${addresses.cn ?? cn.baseUrls.qwen}', keyEnv: CN_KEY }
        - { id: sg, region: sg, baseUrl: '${addresses.sg ?? sg.baseUrls.qwen}', keyEnv: SG_KEY }
${settings}`,
  );
}

/** Keys are looked up in the environment of the process, as providers do. */
function keysAre(keys: Record<string, string>): void {
  for (const [name, value] of Object.entries(keys)) {
    vi.stubEnv(name, value);
    env[name] = value;
  }
}

async function doctor(args: readonly string[] = [], given: Parameters<typeof fakeWorld>[0] = {}) {
  const world = fakeWorld({ cwd: box.cwd, now: Date.now, ...given, env: { ...env, ...given.env } });
  const { exitCode, out, err } = await run(['doctor', ...args, '--json'], world);
  expect(out + err).not.toContain(key);
  expect(out + err).not.toContain(singaporeKey);
  if (exitCode !== 0 && exitCode !== 9) throw new Error(`${exitCode}: ${err}`);
  const { checks, summary } = JSON.parse(out) as { checks: Diagnosis[]; summary: Record<string, number> };
  return { exitCode, checks, summary, of: (title: string) => checks.find((each) => each.title === title) };
}

const ledgerFile = () => `${box.root}/state/vibe/ledger.db`;

/** A ledger with one paid call in it. */
async function paidCall(): Promise<void> {
  const { exitCode } = await box.llm(['g', 'hello', '-m', 'qwen-plus'], { env: { CN_KEY: key } });
  expect(exitCode).toBe(0);
}

interface Database {
  exec(sql: string): void;
  pragma(sql: string): unknown;
  close(): void;
}

function inLedger(act: (db: Database) => void): void {
  const require = createRequire(createRequire(import.meta.url).resolve('@vibe/ledger-sqlite'));
  const db = new (require('better-sqlite3') as new (path: string) => Database)(ledgerFile());
  act(db);
  db.close();
}

describe('llm doctor', () => {
  it('finds nothing where all is well, and has sent nothing that costs money', async () => {
    project('budgets: [{ window: day, limitUsd: 5 }]\nlimits: { qwen-plus: { rpm: 60 } }');
    keysAre({ CN_KEY: key, SG_KEY: singaporeKey });
    await paidCall();
    cn.reset();
    sg.reset();
    const { exitCode, checks, summary } = await doctor();
    // How fast the disk of this machine is at this moment is not for this test to say.
    const others = checks.filter(({ title }) => title !== 'Ledger disk');
    expect(others.filter(({ status }) => status !== 'ok' && status !== 'skipped')).toEqual([]);
    expect({ exitCode, errors: summary['error'] }).toEqual({ exitCode: 0, errors: 0 });
    expect([...new Set(checks.map(({ id }) => id))]).toEqual([
      'runtime',
      'config',
      'command',
      'ledger',
      'holds',
      'prices',
      'keys',
      'endpoints',
      'limits',
      'breaker',
      'clock',
    ]);
    for (const simulator of [cn, sg]) {
      expect(simulator.requests().map(({ method }) => method)).not.toContain('POST');
    }
  });

  it('is a table for people: a line per finding, what to do, what first; and lists its checks', async () => {
    project();
    keysAre({ CN_KEY: key });
    const world = fakeWorld({ cwd: box.cwd, env, columns: 100 });
    const { out } = await run(['doctor', 'config', 'keys', '--offline'], world);
    expect(out).toMatch(/^Vibe doctor · @vibe\/cli \d/);
    expect(out).toContain('[✓] Config        user – · project vibe.config.yaml\n');
    expect(out).toContain('[✓] Keys qwen/cn  key from env CN_KEY; not tried (--offline)\n');
    expect(out).toContain('2 findings: 2 ok, 0 warnings, 0 errors, 0 skipped.  Network checks: off (--offline)\n');
    expect((await run(['doctor', '--list-checks'], fakeWorld({ env }))).out).toMatch(
      /^runtime +Node, .*\n.*\nclock .*\n$/s,
    );
    const unknown = await run(['doctor', '--only', 'key'], fakeWorld({ env }));
    expect([unknown.exitCode, unknown.err]).toEqual([2, expect.stringContaining('did you mean keys?')]);
  });

  it('looks at one provider or one endpoint alone', async () => {
    project();
    keysAre({ CN_KEY: key, SG_KEY: singaporeKey });
    const titles = async (...args: string[]) => (await doctor(args)).checks.map(({ title }) => title);
    expect(await titles('--only', 'qwen')).toEqual([
      'Keys qwen/cn',
      'Keys qwen/sg',
      'Endpoint qwen/cn',
      'Endpoint qwen/sg',
    ]);
    cn.reset();
    expect(await titles('--only', 'qwen/sg')).toEqual(['Keys qwen/sg', 'Endpoint qwen/sg']);
    expect(cn.requests()).toEqual([]);
    expect(await titles('Holds')).toEqual(['Holds']);
    const unknown = await run(['doctor', '--only', 'qwne'], fakeWorld({ cwd: box.cwd, env }));
    expect([unknown.exitCode, unknown.err]).toEqual([2, expect.stringContaining('did you mean qwen?')]);
  });

  it('is well with --simulate: prices are there, and nobody is asked', async () => {
    const { checks, exitCode } = await doctor(['--simulate']);
    expect(checks.filter(({ status }) => status === 'error')).toEqual([]);
    expect([exitCode, checks.find(({ id }) => id === 'prices')?.status]).toEqual([0, 'ok']);
    expect([...cn.requests(), ...sg.requests()]).toEqual([]);
  });

  it('sends nothing with --offline', async () => {
    project();
    keysAre({ CN_KEY: key, SG_KEY: singaporeKey });
    const { checks } = await doctor(['--offline']);
    expect(checks.filter(({ id }) => id === 'endpoints' || id === 'clock').map(({ status }) => status)).toEqual([
      'skipped',
      'skipped',
    ]);
    expect([...cn.requests(), ...sg.requests()]).toEqual([]);
  });

  it('goes on when the configuration is wrong, and says what it could not look at', async () => {
    box.write('project/vibe.config.yaml', 'mode: strict\n');
    const { exitCode, of, checks } = await doctor();
    expect(exitCode).toBe(9);
    expect(of('Config')).toMatchObject({
      status: 'error',
      detail: expect.stringContaining('vibe.config.yaml:1:1 mode'),
    });
    expect(checks.filter(({ status }) => status === 'skipped').map(({ id }) => id)).toEqual(
      expect.arrayContaining(['ledger', 'prices', 'keys', 'endpoints', 'limits', 'clock']),
    );
  });

  it('has exit code 9 for warnings only with --strict', async () => {
    project();
    expect((await doctor(['keys'])).exitCode).toBe(0);
    expect((await doctor(['keys', '--strict'])).exitCode).toBe(9);
  });
});

describe('the check of the runtime', () => {
  const loadDatabase = () => ({ sqliteVersion: '3.52.0' });

  it('passes here', async () => {
    expect((await doctor(['runtime'])).checks).toMatchObject([
      { status: 'ok', detail: expect.stringContaining(`Node ${process.versions.node}`) },
    ]);
  });

  it.each([
    [{ nodeVersion: '20.18.3', loadDatabase }, 'Node 20.18.3 is too old'],
    [{ nodeVersion: '22.0.0', loadDatabase: () => ({ sqliteVersion: '3.51.2' }) }, 'SQLite 3.51.2 can lose'],
    [
      {
        nodeVersion: '22.0.0',
        loadDatabase: () => createRequire(import.meta.url)(join(box.root, 'broken.node')) as { sqliteVersion: string },
      },
      'the native module better-sqlite3 cannot be loaded',
    ],
  ])('fails for an old Node, an old SQLite, a module that cannot be loaded (%#)', (runtime, detail) => {
    box.write('broken.node', 'this is no shared library');
    expect(runtimeFindings(runtime)).toMatchObject([{ status: 'error', detail: expect.stringContaining(detail) }]);
  });
});

describe('the check of the configuration', () => {
  it.skipIf(process.platform === 'win32')('fails when others may read keys, and --fix mends that', async () => {
    box.write(
      'home/.config/vibe/config.yaml',
      "plugins: [{ name: '@vibe/provider-qwen', options: { apiKey: abc } }]\n",
    );
    chmodSync(`${box.root}/home/.config/vibe/config.yaml`, 0o644);
    expect((await doctor(['config'])).checks[0]).toMatchObject({
      status: 'error',
      detail: expect.stringContaining('may be read by others'),
    });
    const keysFile = box.write('home/.config/vibe/keys.json', `{ "CN_KEY": "${key}" }`);
    chmodSync(keysFile, 0o644);
    expect((await doctor(['config'])).exitCode).toBe(9);
    expect((await doctor(['config', '--fix'])).exitCode).toBe(0);
    expect((await doctor(['config', '--fix'])).exitCode).toBe(0);
    expect(statSync(keysFile).mode & 0o777).toBe(0o600);
    expect((await doctor(['config'])).checks.map(({ status }) => status)).toEqual(['ok']);
  });

  it('warns about names of models, providers and endpoints that nobody brings, and passes those that somebody does', async () => {
    const settings = (model: string, step: string, provider: string, endpoint: string) => `defaults: { model: ${model} }
router: { order: ['qwen@sg/qwen-plus'], downgrade: { steps: ['${step}'] } }
budgets: [{ window: day, limitUsd: 1, provider: ${provider}, endpoint: ${endpoint}, model: qwen-plus }]
`;
    project(settings('qwen-plus', 'qwen/qwen-flash', 'qwen', 'cn'));
    expect((await doctor(['config'])).checks.map(({ status }) => status)).toEqual(['ok']);
    project(settings('qwen-plsu', 'qwen-flush', 'qwenn', 'cnn'));
    const { checks, exitCode } = await doctor(['config']);
    expect(exitCode).toBe(0);
    expect(checks.slice(1).map(({ status, detail }) => `${status} ${detail}`)).toEqual([
      'warning defaults.model: no plugin brings a model "qwen-plsu" (did you mean qwen-plus?)',
      'warning router.downgrade.steps[0]: no plugin brings a model "qwen-flush" (did you mean qwen-flash?)',
      'warning budgets[0].provider: no plugin brings a provider "qwenn" (did you mean qwen?)',
      'warning budgets[0].endpoint: no plugin brings an endpoint "cnn" (did you mean cn?)',
    ]);
    expect(checks[1]?.advice).toEqual(['llm config set defaults.model qwen-plus']);
  });

  it('fails for a plugin that is not installed, with the line to type', async () => {
    box.write('project/vibe.config.yaml', "plugins: ['@example/nobody']\n");
    expect((await doctor(['config'])).checks[0]).toMatchObject({
      status: 'error',
      advice: ['npm i @example/nobody', expect.anything()],
    });
  });
});

describe('the check of the command', () => {
  const onPath = (folder: string, target?: string) => {
    const file = join(box.root, folder, 'llm');
    mkdirSync(dirname(file), { recursive: true });
    if (target === undefined) writeFileSync(file, '#!/bin/sh\n', { mode: 0o755 });
    else symlinkSync(target, file);
    return dirname(file);
  };
  const ours = fileURLToPath(new URL('../../dist/bin.js', import.meta.url));

  it('passes when ours is first, warns when another one is', async () => {
    const mine = onPath('mine/node_modules/@vibe/cli');
    const theirs = onPath('theirs');
    expect((await doctor(['command'], { env: { PATH: `${mine}:${theirs}` } })).checks[0]).toMatchObject({
      status: 'ok',
    });
    const second = await doctor(['command'], { env: { PATH: `${box.root}/none:${theirs}:${mine}` } });
    expect(second.checks[0]).toMatchObject({
      status: 'warning',
      detail: expect.stringContaining('theirs/llm'),
      advice: [expect.stringContaining('Use "vibe"')],
    });
    expect(existsSync(ours)).toBe(true);
  });
});

describe('the check of the ledger', () => {
  beforeEach(() => {
    project();
    keysAre({ CN_KEY: key });
  });

  it('passes without a file, and with a sound one', async () => {
    expect((await doctor(['ledger'])).of('Ledger')).toMatchObject({
      status: 'ok',
      detail: expect.stringContaining('not there yet'),
    });
    await paidCall();
    expect((await doctor(['ledger'])).of('Ledger')).toMatchObject({
      status: 'ok',
      detail: expect.stringMatching(/1 rows, integrity ok/),
    });
  });

  it('fails for a corrupt file, for one of another program, and for sums that do not follow', async () => {
    await paidCall();
    inLedger((db) => db.exec('DELETE FROM rollup'));
    expect((await doctor(['ledger'])).of('Ledger')).toMatchObject({
      status: 'error',
      advice: ['llm ledger verify', 'llm ledger rebuild'],
    });
    truncateSync(ledgerFile(), 5_000);
    expect((await doctor(['ledger'])).of('Ledger')).toMatchObject({ status: 'error' });
    writeFileSync(ledgerFile(), 'no database at all, but long enough to look like a header of one '.repeat(99));
    expect((await doctor(['ledger'])).of('Ledger')).toMatchObject({
      status: 'error',
      detail: expect.stringContaining('not a SQLite database'),
      advice: [expect.stringContaining('Restore a backup')],
    });
  });

  it('warns about an old schema, and fails for one of a newer version', async () => {
    await paidCall();
    inLedger((db) => db.pragma('user_version = 1'));
    expect((await doctor(['ledger'])).of('Ledger')).toMatchObject({
      status: 'warning',
      detail: expect.stringContaining('older version'),
    });
    inLedger((db) => db.pragma('user_version = 99'));
    expect((await doctor(['ledger'])).of('Ledger')).toMatchObject({
      status: 'error',
      detail: expect.stringContaining('newer version'),
    });
  });

  it('migrates a file of an older version with --fix, and leaves a copy of it', async () => {
    await paidCall();
    // What later migrations have added is taken away: such a file cannot be read as it is.
    const later = ['detail', 'archive', 'archive_total'];
    const rates = ['rate_target', 'rate_entry', 'rate_day', 'rate_slot', 'rate_owner'];
    inLedger((db) => {
      for (const table of [...later, ...rates]) db.exec(`DROP TABLE ${table}`);
      db.pragma('user_version = 1');
    });
    expect((await doctor(['ledger', '--fix'])).of('Ledger')).toMatchObject({
      status: 'ok',
      detail: expect.stringContaining('is migrated'),
    });
    expect((await doctor(['ledger'])).of('Ledger')).toMatchObject({
      status: 'ok',
      detail: expect.stringMatching(/1 rows, integrity ok/),
    });
    expect(readdirSync(dirname(ledgerFile())).filter((name) => /ledger\.db\.v1-.*\.backup$/.test(name))).toHaveLength(
      1,
    );
  });

  it('warns about a disk that is slow, and fails for one that is full', async () => {
    await paidCall();
    const disk = async (limits: { slowCommitMs: number; littleBytes: number }) =>
      (await ledgerFindings(ledgerFile(), Date.now, limits)).find(({ title }) => title === 'Ledger disk');
    expect(await disk({ slowCommitMs: Number.POSITIVE_INFINITY, littleBytes: 0 })).toMatchObject({ status: 'ok' });
    expect(await disk({ slowCommitMs: 0, littleBytes: 0 })).toMatchObject({ status: 'warning' });
    expect(await disk({ slowCommitMs: 0, littleBytes: Number.POSITIVE_INFINITY })).toMatchObject({ status: 'error' });
  });
});

describe('the check of holds', () => {
  it('warns about money that is held for a process that is gone', async () => {
    project();
    keysAre({ CN_KEY: key });
    expect((await doctor(['holds'])).checks[0]).toMatchObject({ status: 'ok', detail: 'none open' });
    const { sqliteLedger } = await import('@vibe/ledger-sqlite');
    const parts = [
      sqliteLedger({ path: ledgerFile() }).create({ now: Date.now, random: Math.random, warn: () => undefined }),
    ].flat();
    const ledger = parts.find((part) => part.kind === 'ledger');
    await ledger?.hold({
      ...{
        callId: 'gone',
        amountNanoUsd: 31_000_000,
        budgets: [],
        strict: true,
        leaseMs: 60_000,
        tags: {},
        traceId: 't',
      },
      target: { provider: 'qwen', profile: 'default', endpoint: 'cn', region: 'cn', model: 'qwen-plus' },
      estimatedUsage: { quantities: {}, unknown: false, source: 'estimated' },
    });
    expect((await doctor(['holds'])).checks[0]).toMatchObject({
      status: 'ok',
      detail: expect.stringContaining('1 open'),
    });
    // Its owner is alive and renews the lease, but not for a day that has not come.
    const late = { now: () => Date.now() + 86_400_000 };
    expect((await doctor(['holds'], late)).checks[0]).toMatchObject({
      status: 'warning',
      detail: expect.stringMatching(/1 holds are older than their lease .*total \$0\.03/),
    });
    await ledger?.close();
    inLedger((db) => db.exec('UPDATE hold SET expires_at_ms = 1'));
    expect((await doctor(['holds'])).checks[0]?.status).toBe('warning');
    expect((await doctor(['holds', '--fix'])).checks[0]).toMatchObject({
      status: 'ok',
      detail: expect.stringContaining('1 holds of processes that are gone are ended'),
    });
    expect((await doctor(['holds'])).checks[0]).toMatchObject({ status: 'ok', detail: 'none open' });
  });
});

describe('the check of prices', () => {
  it('passes with the registry, warns about a model without a price and about old prices', async () => {
    project();
    expect((await doctor(['prices'])).checks[0]).toMatchObject({ status: 'ok' });
    const late = { now: () => Date.now() + 400 * 86_400_000 };
    expect((await doctor(['prices'], late)).checks[0]).toMatchObject({
      status: 'warning',
      detail: expect.stringContaining('days ago'),
    });
    box.write(
      'project/vibe.config.yaml',
      "plugins: [{ name: '@vibe/provider-gemini', options: { models: [{ id: gemini-of-mine, operations: [chat], input: [text], output: [text] }] } }]\n",
    );
    expect((await doctor(['prices'])).checks[0]).toMatchObject({
      status: 'warning',
      detail: expect.stringContaining('gemini/gemini-of-mine'),
    });
  });
});

describe('the check of keys', () => {
  it('warns where there is none at all', async () => {
    project();
    expect((await doctor(['keys'])).checks).toMatchObject([
      {
        title: 'Keys qwen',
        status: 'warning',
        detail: expect.stringContaining('CN_KEY is not set'),
        advice: ['llm keys set qwen'],
      },
    ]);
  });

  it('fails for a key of another region, and says which: the others were asked', async () => {
    project();
    keysAre({ CN_KEY: singaporeKey });
    expect((await doctor(['keys'])).checks).toMatchObject([
      {
        title: 'Keys qwen/cn',
        status: 'error',
        detail: expect.stringMatching(/refused with HTTP 401: it is a key of the region sg, where it is accepted/),
        advice: [expect.stringContaining('llm keys set SG_KEY')],
      },
    ]);
    expect(sg.requests().map(({ method }) => method)).toEqual(['GET']);
  });

  it('fails for a key that nobody takes', async () => {
    project();
    keysAre({ CN_KEY: 'sk-wrong-everywhere' });
    const { checks, exitCode } = await doctor(['keys']);
    expect(exitCode).toBe(9);
    expect(checks).toMatchObject([
      { status: 'error', detail: expect.stringContaining('it is wrong or no longer valid') },
    ]);
    expect(JSON.stringify(checks)).not.toContain('sk-wrong-everywhere');
  });

  it('takes keys of the keys file, too', async () => {
    project();
    chmodSync(box.write('home/.config/vibe/keys.json', `{ "SG_KEY": "${singaporeKey}" }`), 0o600);
    expect((await doctor(['keys'])).checks).toMatchObject([{ title: 'Keys qwen/sg', status: 'ok' }]);
    chmodSync(box.write('home/.config/vibe/keys.json', `{ "CN_KEY": "${singaporeKey}" }`), 0o600);
    expect((await doctor(['keys'])).checks).toMatchObject([
      { status: 'error', detail: expect.stringContaining('region sg') },
    ]);
  });
});

describe('the check of endpoints', () => {
  it('passes where they answer', async () => {
    project();
    keysAre({ CN_KEY: key });
    const { of } = await doctor(['endpoints']);
    expect(of('Endpoint qwen/cn')).toMatchObject({
      status: 'ok',
      detail: expect.stringMatching(/models 200 in \d+ ms/),
    });
    expect(of('Endpoint qwen/sg')).toMatchObject({ status: 'skipped', detail: expect.stringContaining('no key') });
  });

  it('fails for a name that does not exist, a port where nobody listens, and a server that fails', async () => {
    keysAre({ CN_KEY: key, SG_KEY: singaporeKey });
    // Longer than a label may be: no resolver is asked, so none can be slow.
    const noHost = `${'x'.repeat(64)}.example`;
    project('', { cn: `http://${noHost}/compatible-mode/v1`, sg: 'http://127.0.0.1:1/compatible-mode/v1' });
    const { of, exitCode } = await doctor(['endpoints']);
    expect(exitCode).toBe(9);
    expect(of('Endpoint qwen/cn')).toMatchObject({
      status: 'error',
      detail: expect.stringContaining(`${noHost} cannot be resolved`),
    });
    expect(of('Endpoint qwen/sg')).toMatchObject({ status: 'error', detail: expect.stringContaining('ECONNREFUSED') });
  });
});

describe('the check of endpoints that are there', () => {
  it('fails where TLS does, and where the server is down', async () => {
    keysAre({ CN_KEY: key, SG_KEY: singaporeKey });
    // Without a certificate no handshake can end well.
    const silent = createTlsServer({}, () => undefined).listen(0, '127.0.0.1');
    const down = createHttpServer((_request, response) => void response.writeHead(503).end()).listen(0, '127.0.0.1');
    await Promise.all([once(silent, 'listening'), once(down, 'listening')]);
    const port = (server: { address(): unknown }) => (server.address() as AddressInfo).port;
    project('', { cn: `https://127.0.0.1:${port(silent)}/v1`, sg: `http://127.0.0.1:${port(down)}/v1` });
    const { of } = await doctor(['endpoints']);
    expect(of('Endpoint qwen/cn')).toMatchObject({
      status: 'error',
      detail: expect.stringContaining(`no connection or TLS to 127.0.0.1:${port(silent)}`),
    });
    expect(of('Endpoint qwen/sg')).toMatchObject({ status: 'error', detail: expect.stringContaining('503') });
    silent.close();
    down.close();
    down.closeAllConnections();
  });
});

describe('the check of limits', () => {
  it('does not warn about a known model at a known place that has another one: two files come to such limits', async () => {
    box.write(
      'project/vibe.config.yaml',
      "plugins: ['@vibe/provider-qwen', '@vibe/provider-gemini']\nlimits: { qwen/*: { rpm: 1 }, gemini-2.5-flash: { rpm: 9 }, qwen/gemini-2.5-flash: { rpm: 1 } }\n",
    );
    const { checks } = await doctor(['limits']);
    expect(checks.filter(({ detail }) => detail.includes('names nobody'))).toEqual([]);
  });

  it('warns about a pattern that names nobody and about a limit that is used up', async () => {
    project('limits: { qwen-plus: { rpd: 1 }, qwen-pluss: { rpm: 1 } }');
    keysAre({ CN_KEY: key });
    expect((await doctor(['limits'])).checks).toMatchObject([
      {
        status: 'warning',
        detail: expect.stringContaining('limits["qwen-pluss"] names nobody'),
        advice: [`llm config unset 'limits["qwen-pluss"]'`, 'llm models list'],
      },
    ]);
    project('limits: { qwen-plus: { rpd: 1 } }');
    expect((await doctor(['limits'])).checks).toMatchObject([{ status: 'ok' }]);
    await paidCall();
    expect((await doctor(['limits'])).checks).toMatchObject([
      { status: 'warning', detail: 'qwen-plus @ qwen/cn has used 100 % of a limit' },
    ]);
  });
});

describe('the check of breakers', () => {
  it('warns about what is left alone', async () => {
    project();
    keysAre({ CN_KEY: key });
    await paidCall();
    expect((await doctor(['breaker'])).checks).toMatchObject([{ status: 'ok', detail: 'all closed' }]);
    const { sqliteLedger } = await import('@vibe/ledger-sqlite');
    const parts = [
      sqliteLedger({ path: ledgerFile() }).create({ now: Date.now, random: Math.random, warn: () => undefined }),
    ].flat();
    const ledger = parts.find((part) => part.kind === 'ledger');
    const nowMs = Date.now();
    ledger?.health?.write([
      { key: 'qwen-plus @ qwen/cn', state: 'open', untilMs: nowMs + 3_600_000, latencyMs: null, updatedAtMs: nowMs },
    ]);
    await ledger?.close();
    expect((await doctor(['breaker'])).checks).toMatchObject([
      {
        status: 'warning',
        detail: expect.stringContaining('qwen-plus @ qwen/cn is left alone after repeated failures'),
      },
    ]);
  });
});

describe('the check of the clock', () => {
  it.each([
    [0, 'ok', 'agrees with the servers'],
    [3_600_000, 'error', 'ahead of the servers'],
    [-3_600_000, 'error', 'behind the servers'],
  ])('compares with the servers: %i ms give %s', async (skewMs, status, detail) => {
    project();
    expect((await doctor(['clock'], { now: () => Date.now() + skewMs })).checks).toMatchObject([
      { status, detail: expect.stringContaining(detail) },
    ]);
  });
});
