import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openLedgerFile } from '@vibe/ledger-sqlite/file';
import { type Simulator, startSimulator } from '@vibe/simulator';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { silentWav } from './providers/check/silent-wav.js';
import { fakeWorld, run } from './testing.js';

// The commands in this process: real HTTP to the simulator and a real ledger file.

let simulator: Simulator;
let folder: string;
let ledger: string;
beforeAll(async () => {
  simulator = await startSimulator();
});
afterAll(() => simulator.close());
beforeEach(() => {
  simulator.reset();
  folder = mkdtempSync(join(tmpdir(), 'vibe-calls-'));
  ledger = join(folder, 'ledger.db');
  writeFileSync(
    join(folder, 'vibe.config.yaml'),
    `plugins:
  - { name: '@vibe/provider-qwen', options: { baseUrl: '${simulator.baseUrls.qwen}' } }
  - { name: '@vibe/provider-gemini', options: { baseUrl: '${simulator.baseUrls.gemini}' } }
`,
  );
  process.env['DASHSCOPE_API_KEY'] = 'simulated';
  process.env['GEMINI_API_KEY'] = 'simulated';
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

type Given = NonNullable<Parameters<typeof fakeWorld>[0]>;

function llm(args: readonly string[], given: Given = {}) {
  const env = {
    NO_COLOR: '1',
    HOME: folder,
    XDG_CONFIG_HOME: join(folder, '.config'),
    XDG_STATE_HOME: folder,
    DASHSCOPE_API_KEY: 'simulated',
    GEMINI_API_KEY: 'simulated',
  };
  const world = fakeWorld({ cwd: folder, env, now: Date.now, timezone: 'UTC', isTTY: false, ...given });
  return run([...args, '--ledger', ledger], world);
}

function rows() {
  const file = openLedgerFile({ path: ledger });
  try {
    return [...file.attempts()];
  } finally {
    file.close();
  }
}

const sent = (index: number) => JSON.stringify(simulator.requests()[index]?.body);

describe('llm generate', () => {
  it('attaches pictures and texts', async () => {
    writeFileSync(join(folder, 'photo.png'), Buffer.from('89504e470d0a1a0a', 'hex'));
    writeFileSync(join(folder, 'notes.txt'), 'remember the milk');
    const { exitCode } = await llm([
      'g',
      'What is this?',
      '-m',
      'gemini-2.5-flash',
      '-f',
      'photo.png',
      '-f',
      'notes.txt',
      '--no-stream',
    ]);
    expect(exitCode).toBe(0);
    expect(sent(0)).toContain('iVBORw0KGgo=');
    expect(sent(0)).toContain('notes.txt:\\n\\nremember the milk');
  });

  it.each([
    ['missing.png', 'missing.png cannot be read: there is no such file.'],
    ['.', '. cannot be read: it is a folder.'],
    ['https://example.org/page', 'does not end like a picture or a sound'],
  ])('refuses to attach %s', async (file, message) => {
    const { exitCode, err } = await llm(['g', 'x', '-f', file]);
    expect(exitCode).toBe(2);
    expect(err).toContain(message);
    expect(simulator.stats().attempts.total).toBe(0);
  });

  it('refuses to attach what is no text', async () => {
    writeFileSync(join(folder, 'data.bin'), Buffer.from([0xff, 0xfe, 0x00]));
    expect((await llm(['g', 'x', '-f', 'data.bin'])).err).toContain('neither a picture nor a sound nor text in UTF-8');
  });

  it('prints an answer of a given form', async () => {
    const schema =
      '{"type":"object","properties":{"age":{"type":"integer"}},"required":["age"],"additionalProperties":false}';
    writeFileSync(join(folder, 'schema.json'), schema);
    for (const given of [schema, 'schema.json']) {
      const { exitCode, out } = await llm(['g', 'Ada is 36', '-m', 'qwen-plus', '--schema', given]);
      expect(exitCode).toBe(0);
      expect(JSON.parse(out)).toEqual({ age: expect.any(Number) });
    }
    expect((await llm(['g', 'x', '--schema', '{"type":'])).err).toContain('--schema is no valid JSON');
    expect((await llm(['g', 'x', '--schema', 'nowhere.json'])).err).toContain('no file that can be read');
  });
});

describe('llm estimate', () => {
  it('prices every route and sends nothing', async () => {
    const { exitCode, out } = await llm(['estimate', 'Why is the sky blue?', '-m', 'qwen-plus', '--json']);
    expect(exitCode).toBe(0);
    const { estimate } = JSON.parse(out);
    expect(estimate).toMatchObject({ verdict: { allowed: true }, worst_case_usd: expect.stringMatching(/^0\.0\d+$/) });
    expect(simulator.stats().attempts.total).toBe(0);
    expect(rows()).toEqual([]);
    const text = await llm(['estimate', 'hello', '-m', 'qwen-plus'], { isTTY: true, columns: 80 });
    expect(text.out).toContain('nothing was sent.');
    expect(text.out).toContain('qwen-plus @ qwen/cn');
  });
});

describe('llm paint', () => {
  it('writes as many files as there are pictures', async () => {
    const { exitCode, out, err } = await llm([
      'paint',
      'A lighthouse',
      '-m',
      'qwen-image-plus',
      '-o',
      'light.png',
      '-u',
    ]);
    expect({ exitCode, out }).toEqual({ exitCode: 0, out: '' });
    expect(err).toMatch(/^light\.png · \d+(\.\d)? k?B\n\nqwen-image-plus @ qwen\/cn · 1 image · /);
    expect(readFileSync(join(folder, 'light.png')).subarray(1, 4).toString()).toBe('PNG');
    const two = await llm(['paint', 'Two', '-m', 'wan2.2-t2i-flash', '--count', '2', '-o', 'two.png', '--json']);
    expect(JSON.parse(two.out)).toMatchObject({
      schema: 'vibe.paint/1',
      files: [join(folder, 'two-1.png'), join(folder, 'two-2.png')],
    });
  });

  it('wants a place for what a terminal cannot show', async () => {
    const { exitCode, err } = await llm(['paint', 'A lighthouse'], { isTTY: true });
    expect(exitCode).toBe(2);
    expect(err).toContain('Name a file for the result');
    expect(simulator.stats().attempts.total).toBe(0);
  });

  it('understands sizes', async () => {
    expect((await llm(['paint', 'x', '-o', 'x.png', '--size', 'large'])).err).toContain('WIDTHxHEIGHT');
    await llm(['paint', 'x', '-m', 'qwen-image-plus', '-o', 'x.png', '--size', '1328x1328']);
    expect(sent(0)).toContain('1328*1328');
  });
});

describe('a result that could not be kept', () => {
  it.each([
    [['speak', 'hi', '-m', 'qwen3-tts-flash', '-o', 'no/such/hi.wav'], 'cannot be written (ENOENT). Nothing was sent.'],
    [['speak', 'hi', '-m', 'qwen3-tts-flash', '-o', '.'], '. cannot be written (it is a folder)'],
    [['speak', 'hi', '-m', 'qwen3-tts-flash', '-o', ''], '-o "" cannot be written'],
    [['paint', 'x', '-m', 'wan2.2-t2i-flash', '--count', '2', '-o', 'no/x.png'], 'cannot be written (ENOENT)'],
    [['paint', 'x', '-m', 'wan2.2-t2i-flash', '--count', '2'], 'several results do not fit into one stream'],
  ])('is not paid for: %j', async (args, message) => {
    const { exitCode, err } = await llm(args);
    expect([exitCode, err]).toEqual([2, expect.stringContaining(message)]);
    expect(simulator.stats().attempts.total).toBe(0);
    expect(rows()).toEqual([]);
  });
});

describe('llm speak and llm transcribe', () => {
  it('make sound of words, and words of sound', async () => {
    const spoken = await llm(['speak', 'Good morning', '-m', 'qwen3-tts-flash', '-o', 'morning.wav']);
    expect(spoken).toMatchObject({ exitCode: 0, out: '' });
    expect(readFileSync(join(folder, 'morning.wav')).subarray(0, 4).toString()).toBe('RIFF');
    const heard = await llm(['transcribe', 'morning.wav', '-m', 'qwen3-asr-flash', '-u']);
    expect(heard.exitCode).toBe(0);
    expect(heard.out).toMatch(/^\S.*\n$/);
    expect(rows().map(({ model, status }) => [model, status])).toEqual([
      ['qwen3-tts-flash', 'ok'],
      ['qwen3-asr-flash', 'ok'],
    ]);
  });

  it('write the bytes to stdout for a player', async () => {
    const { out } = await llm(['speak', 'hi', '-m', 'qwen3-tts-flash', '-o', '-']);
    expect(out.startsWith('RIFF')).toBe(true);
  });

  it('refuse a recording that is none', async () => {
    expect((await llm(['transcribe', 'talk.txt'])).err).toContain('does not end like a sound file');
    writeFileSync(join(folder, 'talk.wav'), silentWav());
    const dry = await llm(['transcribe', 'talk.wav', '-m', 'qwen3-asr-flash', '--dry-run', '--json']);
    expect(JSON.parse(dry.out)).toMatchObject({ response: { status: 'dry_run' } });
    expect(simulator.stats().attempts.total).toBe(0);
  });
});

describe('llm chat', () => {
  const say = (...lines: string[]) => ({ input: `${lines.join('\n')}\n` });

  it('remembers what was said', async () => {
    const { exitCode, out } = await llm(
      ['chat', '-m', 'qwen-plus', '-s', 'Be kind.'],
      say('My name is Ada.', '', 'Who am I?'),
    );
    expect(exitCode).toBe(0);
    expect(out.trimEnd().split('\n')).toHaveLength(2);
    expect(sent(1)).toContain('My name is Ada.');
    expect(sent(1)).toContain('"role":"assistant"');
    expect(sent(1)).toContain('Be kind.');
  });

  it('takes commands', async () => {
    const { out, err } = await llm(
      ['chat', '-m', 'qwen-plus'],
      say(
        '/model gemini-2.5-flash',
        'hello',
        '/usage',
        '/budget',
        '/clear',
        '/modle x',
        'again',
        '/exit',
        'never sent',
      ),
    );
    expect(simulator.requests().map(({ endpoint }) => endpoint.split('.')[0])).toEqual(['gemini', 'gemini']);
    expect(sent(1)).not.toContain('hello');
    expect(err).toContain('Model: gemini-2.5-flash\n');
    expect(err).toMatch(/1 answer for \$0\.0\d+; 2 messages remembered\./);
    expect(err).toContain('No budgets are set.');
    expect(err).toContain('There is no /modle: did you mean /model?');
    expect(out).not.toContain('Model:');
  });

  it('goes on after a call that failed', async () => {
    simulator.script({ fault: { kind: 'status', status: 400 }, times: 1 });
    const { exitCode, out, err } = await llm(['chat', '-m', 'qwen-plus'], say('bad', 'good'));
    expect(exitCode).toBe(0);
    expect(err).toContain('Error ');
    expect(out).toContain('“good”');
    expect(sent(1)).not.toContain('"bad"');
  });

  it('ends with a cancelled row when it is stopped', async () => {
    const stopped = new AbortController();
    simulator.script({ fault: { kind: 'hold', afterDeltas: 1 } });
    const talking = llm(['chat', '-m', 'qwen-plus'], { ...say('Tell me everything'), signal: stopped.signal });
    await simulator.waitFor(({ streams }) => streams.running === 1);
    stopped.abort(new Error('interrupted'));
    expect((await talking).exitCode).toBe(130);
    expect(rows()).toMatchObject([{ status: 'cancelled' }]);
  });

  it('shows the plan of every message when it is dry, and counts no answer', async () => {
    const { exitCode, out, err } = await llm(['chat', '-m', 'qwen-plus', '--dry-run'], say('one', 'two', '/usage'));
    expect(exitCode).toBe(0);
    expect(out.match(/^qwen-plus @ qwen\/cn\t/gm)).toHaveLength(2);
    expect(err).toContain('0 answers for $0.0000; 0 messages remembered.');
    expect(simulator.requests()).toEqual([]);
  });

  it('sends what is attached again with the message that is sent again', async () => {
    writeFileSync(join(folder, 'notes.txt'), 'buy milk');
    simulator.script({ fault: { kind: 'status', status: 400 }, times: 1 });
    const { err } = await llm(['chat', '-m', 'qwen-plus', '-f', 'notes.txt'], say('sum up', 'sum up', '/file'));
    expect(err).toContain('Still attached: notes.txt');
    expect(sent(1)).toContain('buy milk');
    expect(err).toContain('Nothing is attached.');
  });

  it('lets go of what cannot be read', async () => {
    const { err } = await llm(['chat', '-m', 'qwen-plus', '-f', 'nope.txt'], say('lost', 'hello'));
    expect(err).toContain('Error usage: nope.txt cannot be read: there is no such file.');
    expect(err).toContain('Nothing is attached any more.');
    expect(simulator.requests()).toHaveLength(1);
    expect(sent(0)).toContain('hello');
  });

  it('tells what a call did once, however many came before', async () => {
    simulator.script({ fault: { kind: 'status', status: 500 }, afterRequests: 2, times: 1 });
    const { err } = await llm(['chat', '-m', 'qwen-plus', '-v'], say('first', 'second', 'third'));
    expect(err.match(/qwen-plus @ qwen\/cn failed \(provider_unavailable\); attempt 2 follows/g)).toHaveLength(1);
  });

  it('is no JSON', async () => {
    expect((await llm(['chat', '--json'])).exitCode).toBe(2);
  });
});
