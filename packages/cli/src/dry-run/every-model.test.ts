/** From a user and a project file to the bytes that would be sent, for every model of every manifest; nothing is sent or written. */
import { createHook } from 'node:async_hooks';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { loadConfig, loadVibe, pluginsOf } from '@vibe/config';
import type { GenerationResponse, ModelManifest, Provider, Vibe } from '@vibe/core';
import { startSimulator } from '@vibe/simulator';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createdParts } from '../providers/open-providers.js';
import { fakeSession, type Sandbox, sandbox } from '../testing.js';

const key = 'sk-a-key-that-must-never-be-shown';
const resolveFrom = new URL('../bin.ts', import.meta.url).href;
const regions = ['CN', 'SG', 'US', 'HK'];
const keyNames = ['DASHSCOPE_API_KEY', 'GEMINI_API_KEY', ...regions.map((region) => `DASHSCOPE_API_KEY_${region}`)];

/** What would be a connection, or the look-up of a host. */
const network = new Set(['TCPWRAP', 'TCPCONNECTWRAP', 'GETADDRINFOREQWRAP', 'QUERYWRAP', 'UDPWRAP', 'TLSWRAP']);
const opened: string[] = [];
const hook = createHook({
  init: (_id, type) => {
    if (network.has(type)) opened.push(type);
  },
});

let box: Sandbox;
let env: Record<string, string>;
const load = (more: Record<string, string> = {}, overrides = {}) =>
  loadVibe({ cwd: box.cwd, env: { ...env, ...more }, resolveFrom, overrides });

beforeAll(async () => {
  for (const name of keyNames) process.env[name] = key;
  box = sandbox();
  env = { HOME: `${box.root}/home`, XDG_STATE_HOME: `${box.root}/state` };
  box.write(
    'home/.config/vibe/config.yaml',
    `plugins:
  - '@vibe/provider-gemini'
  - { name: '@vibe/ledger-sqlite', options: { path: ../../../project/data/ledger.db } }
  - '@vibe/pricing-registry'
budgets: [{ window: month, limitUsd: 100 }]
`,
  );
  box.write(
    'project/vibe.config.yaml',
    `plugins: ['@vibe/provider-qwen']
mode: strict_budget
budgets: [{ window: day, limitUsd: 50 }]
limits: { '*': { rpm: 60 } }
regions: [cn, sg, us, hk, global]
`,
  );
  // A ledger with something in it: one paid call to a simulator.
  const simulator = await startSimulator();
  const { qwen } = await import('@vibe/provider-qwen');
  box.write('project/data/.keep', '');
  const vibe = await load({}, { plugins: [qwen({ baseUrl: simulator.baseUrls.qwen })] });
  await vibe.generate({ model: 'qwen-plus', prompt: 'Hello' });
  await vibe.close();
  await simulator.close();
});
afterAll(() => {
  for (const name of keyNames) delete process.env[name];
  box.remove();
});

/** The database, and what is written but not yet in it. The `-shm` beside them is where SQLite notes who reads. */
function files(): Record<string, string> {
  const folder = `${box.cwd}/data`;
  const written = readdirSync(folder).filter((name) => !name.endsWith('-shm'));
  const bytes = written.map((name) => [name, readFileSync(`${folder}/${name}`)] as const);
  return Object.fromEntries(
    bytes
      .filter(([, { length }]) => length > 0)
      .map(([name, content]) => [name, createHash('sha256').update(content).digest('hex')]),
  );
}

async function providers(): Promise<readonly Provider[]> {
  const inputs = await pluginsOf(await loadConfig({ cwd: box.cwd, env }), { resolveFrom });
  const parts = createdParts(fakeSession(), inputs).map(({ part }) => part);
  const found = parts.filter((part) => part.kind === 'provider');
  await Promise.all(parts.map((part) => ('close' in part ? part.close?.() : undefined)));
  return found;
}

function ask(vibe: Vibe, operation: string, model: string, manifest: ModelManifest): Promise<GenerationResponse> {
  switch (operation) {
    case 'chat':
      return vibe.generate({ model, system: 'Be brief.', prompt: 'Say hello.', maxOutputTokens: 64 });
    case 'transcribe': {
      const bytes = { type: 'audio', mediaType: 'audio/wav', data: Buffer.from(wav()) } as const;
      const address = { type: 'file_ref', mediaType: 'audio/wav', uri: 'https://files.example/a.wav' } as const;
      return vibe.transcribe({ model, audio: manifest.input.includes('audio') ? bytes : address });
    }
    case 'speak':
      return vibe.speak({ model, text: 'Hello.' });
    case 'paint':
      return vibe.paint({ model, prompt: 'A river.' });
    default:
      throw new Error(`how to ask for ${operation}?`);
  }
}

/** Two milliseconds of silence. */
function wav(): Uint8Array {
  const header = Buffer.from(
    'RIFF\0\0\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0\x40\x1f\0\0\x80\x3e\0\0\x02\0\x10\0data',
    'latin1',
  );
  const samples = Buffer.alloc(32);
  const size = Buffer.alloc(4);
  size.writeUInt32LE(samples.length);
  header.writeUInt32LE(36 + samples.length, 4);
  return Buffer.concat([header, size, samples]);
}

describe('a dry run from config files', () => {
  it('goes through router, adapter and ledger for every model of every manifest, and is what it was', async () => {
    const before = files();
    const known = await providers();
    expect(known.map(({ id }) => id).sort()).toEqual(['gemini', 'qwen']);
    hook.enable();
    const vibe = await load({ VIBE_DRY_RUN: '1' });
    const wires: Record<string, Record<string, unknown>> = {};
    for (const { id, models } of known) {
      const requests: Record<string, unknown> = {};
      for (const manifest of models) {
        for (const operation of manifest.operations) {
          const response = await ask(vibe, operation, `${id}/${manifest.id}`, manifest);
          const name = `${manifest.id} ${operation}`;
          expect([name, response.status, response.content, response.attempts]).toEqual([name, 'dry_run', [], []]);
          const { plan } = response;
          expect([name, plan?.verdict.allowed, plan?.verdict.refusedBy]).toEqual([name, true, undefined]);
          const eligible = plan?.routes.filter((route) => route.eligible) ?? [];
          expect([name, eligible[0]?.target.model]).toEqual([name, manifest.id]);
          expect(plan?.worstCaseUsd, `${name} has a price`).toBeGreaterThan(0);
          requests[name] = plan?.wire;
        }
      }
      wires[id] = requests;
    }
    await vibe.close();
    hook.disable();
    expect(opened).toEqual([]);
    expect(files()).toEqual(before);
    expect(JSON.stringify(wires)).not.toContain(key);
    for (const { id } of known) {
      await expect(`${JSON.stringify(wires[id], null, 2)}\n`).toMatchFileSnapshot(`golden/${id}.json`);
    }
  });

  it('would notice a socket', async () => {
    const simulator = await startSimulator();
    hook.enable();
    await fetch(simulator.url);
    hook.disable();
    await simulator.close();
    expect(opened).toContain('TCPWRAP');
    opened.length = 0;
  });

  it.each(['VIBE_DRY_RUN=1', 'dryRun in the file of the user', 'dryRun of the request', '--dry-run'])(
    'is asked for by %s, with the same request, and leaves the ledger alone',
    async (how) => {
      const before = files();
      const expected = (await dryRun('dryRun of the request')) as { body: object };
      expect(expected.body).toMatchObject({ model: 'qwen-plus' });
      expect(await dryRun(how)).toEqual(expected);
      expect(files()).toEqual(before);
    },
  );

  it('needs no ledger to be there, and makes none', async () => {
    const { exitCode } = await box.llm(['g', 'Hello', '-m', 'qwen-plus', '--dry-run', '--ledger', 'none/yet.db'], {
      env: { DASHSCOPE_API_KEY: key },
    });
    expect(exitCode).toBe(0);
    expect(readdirSync(box.cwd)).not.toContain('none');
  });

  async function dryRun(how: string): Promise<unknown> {
    if (how === '--dry-run') {
      const { exitCode, out } = await box.llm(['g', 'Hello', '-m', 'qwen-plus', '--dry-run', '--json'], {
        env: { DASHSCOPE_API_KEY: key, GEMINI_API_KEY: key },
      });
      expect(exitCode).toBe(0);
      expect(out).not.toContain(key);
      return (JSON.parse(out) as { response: { plan: { wire: unknown } } }).response.plan.wire;
    }
    const inFile = how === 'dryRun in the file of the user';
    const text = readFileSync(`${box.root}/home/.config/vibe/config.yaml`, 'utf8');
    if (inFile) box.write('home/.config/vibe/config.yaml', `${text}dryRun: true\n`);
    const vibe = await load(how === 'VIBE_DRY_RUN=1' ? { VIBE_DRY_RUN: '1' } : {});
    box.write('home/.config/vibe/config.yaml', text);
    const asked = how === 'dryRun of the request' ? { dryRun: true } : {};
    const response = await vibe.generate({ model: 'qwen-plus', prompt: 'Hello', ...asked });
    await vibe.close();
    expect(response.status).toBe('dry_run');
    return response.plan?.wire;
  }
});
