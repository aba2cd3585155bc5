import { describe, expect, it } from 'vitest';
import { checkLayers } from './check.mjs';

const manifests = {
  'packages/core': { name: '@vibe/core' },
  'packages/provider-kit': {
    name: '@vibe/provider-kit',
    dependencies: { undici: '7' },
    peerDependencies: { '@vibe/core': '0' },
  },
  'packages/provider-qwen': {
    name: '@vibe/provider-qwen',
    dependencies: { '@vibe/provider-kit': '0', '@vibe/ledger-sqlite': '0' },
    peerDependencies: { '@vibe/core': '0' },
    devDependencies: { '@vibe/simulator': '0' },
  },
  'packages/contract-tests': {
    name: '@vibe/contract-tests',
    peerDependencies: { '@vibe/core': '0' },
    dependencies: { '@vibe/simulator': '0' },
  },
  'packages/cli': { name: '@vibe/cli', dependencies: { '@vibe/provider-qwen': '0' } },
  'apps/quickstart': { name: '@vibe/quickstart', dependencies: { '@vibe/provider-qwen': '0' } },
};
const check = (files) =>
  checkLayers(
    Object.entries(files).map(([path, text]) => ({ path, text })),
    manifests,
  );
const failuresOf = (path, text) => check({ [path]: text }).failures;

describe('the layers of core', () => {
  it.each([
    ['packages/core/src/flow/bracket.ts', "import { VibeError } from '../errors/vibe-error.js';"],
    ['packages/core/src/stages/budget.ts', "import { worstCase } from '../estimate/worst-case.js';"],
    ['packages/core/src/chain.ts', "export { plan } from './stages/plan.js';"],
    ['packages/core/src/spec/call.ts', "import type { Target } from './target.js';"],
    ['packages/core/src/spec/index.ts', "export type * from './target.js';\nexport { type A, type B } from './a.js';"],
    ['packages/core/src/flow/ids.ts', "import { randomUUID } from 'node:crypto';"],
  ])('allow %s: %s', (path, text) => {
    expect(failuresOf(path, text)).toEqual([]);
  });

  it.each([
    ['packages/core/src/flow/bracket.ts', "import { plan } from '../stages/plan.js';", 'flow may not import stages'],
    [
      'packages/core/src/errors/a.ts',
      "import type { Deadline } from '../flow/deadline.js';",
      'errors may not import flow',
    ],
    ['packages/core/src/stages/plan.ts', "const c = await import('../chain.js');", 'stages may not import chain'],
    [
      'packages/core/src/stages/plan.ts',
      "type C = import('../create-vibe.js').C;",
      'stages may not import create-vibe',
    ],
    ['packages/core/src/spec/call.ts', "import { target } from './target.js';", 'spec holds types only'],
    ['packages/core/src/spec/call.ts', "export * from './target.js';", 'spec holds types only'],
    ['packages/core/src/helpers/a.ts', "import { b } from '../errors/b.js';", 'helpers has no layer'],
    ['packages/core/src/flow/a.ts', "import { readFile } from 'node:fs/promises';", 'reads no file'],
    ['packages/core/src/flow/a.ts', "import net from 'node:net';", 'opens no socket'],
    ['packages/core/src/flow/a.ts', "import { z } from 'zod';", 'core imports no package'],
    ['packages/core/src/flow/a.ts', "import { fakeCall } from './testing.js';", 'only tests import'],
    ['packages/core/src/flow/a.ts', "import '../../../simulator/src/index.js';", 'stays inside its package'],
  ])('refuse %s: %s', (path, text, rule) => {
    const failures = failuresOf(path, text);
    expect(failures).toHaveLength(1);
    expect(failures[0]).toContain(rule);
    expect(failures[0]).toContain(`${path}:1 `);
  });

  it('lets neighbours use each other in one direction only', () => {
    const one = { 'packages/core/src/stages/a.ts': "import { b } from '../routing/b.js';" };
    expect(check(one).failures).toEqual([]);
    const both = { ...one, 'packages/core/src/routing/c.ts': "\nimport { d } from '../stages/d.js';" };
    const { failures } = check(both);
    expect(failures).toHaveLength(1);
    expect(failures[0]).toContain('routing and stages import each other');
    expect(failures[0]).toContain('packages/core/src/routing/c.ts:2');
  });

  it('leaves tests and their helpers alone', () => {
    expect(failuresOf('packages/core/src/flow/testing.ts', "import 'node:fs';\nimport 'fast-check';")).toEqual([]);
    expect(
      failuresOf('packages/core/src/spec/call.test.ts', "import { x } from '../chain.js';\nimport 'node:fs';"),
    ).toEqual([]);
  });
});

describe('imports between packages', () => {
  it.each([
    ['packages/provider-qwen/src/chat.ts', "import { VibeError } from '@vibe/core';"],
    ['packages/provider-qwen/src/chat.ts', "import { openaiProvider } from '@vibe/provider-kit/openai';"],
    ['packages/provider-kit/src/http.ts', "import { Pool } from 'undici';\nimport { connect } from 'node:net';"],
    ['packages/cli/src/bin.ts', "import { qwen } from '@vibe/provider-qwen';"],
    ['apps/quickstart/src/main.ts', "import { qwen } from '@vibe/provider-qwen';"],
    ['packages/provider-qwen/src/chat.test.ts', "import { startSimulator } from '@vibe/simulator';"],
  ])('allow %s: %s', (path, text) => {
    expect(failuresOf(path, text)).toEqual([]);
  });

  it.each([
    [
      'packages/provider-qwen/src/chat.ts',
      "import { sqliteLedger } from '@vibe/ledger-sqlite';",
      'may import only @vibe/core and @vibe/provider-kit',
    ],
    [
      'packages/provider-qwen/src/chat.ts',
      "import { startSimulator } from '@vibe/simulator';",
      'not a dependency in packages/provider-qwen/package.json',
    ],
    ['packages/provider-kit/src/http.ts', "import type { z } from 'zod';", 'not a dependency'],
    [
      'packages/contract-tests/src/index.ts',
      "import { startSimulator } from '@vibe/simulator';",
      'may import only @vibe/core',
    ],
  ])('refuse %s: %s', (path, text, rule) => {
    const failures = failuresOf(path, text);
    expect(failures).toHaveLength(1);
    expect(failures[0]).toContain(rule);
  });
});

describe('cycles and lengths', () => {
  it('finds a cycle of run-time imports once, and none of types', () => {
    const cycle = {
      'packages/core/src/flow/a.ts': "import { b } from './b.js';",
      'packages/core/src/flow/b.ts': "import { c } from './c.js';",
      'packages/core/src/flow/c.ts': "import { a } from './a.js';",
    };
    const { failures } = check(cycle);
    expect(failures).toHaveLength(1);
    expect(failures[0]).toContain('import cycle: packages/core/src/flow/a.ts → packages/core/src/flow/b.ts');
    expect(check({ ...cycle, 'packages/core/src/flow/c.ts': "import type { A } from './a.js';" }).failures).toEqual([]);
  });

  it('warns about long files, fails for very long ones, and exempts tests and data', () => {
    const lines = (count) => '// line\n'.repeat(count);
    const { failures, warnings } = check({
      'packages/core/src/flow/short.ts': lines(250),
      'packages/core/src/flow/long.ts': lines(251),
      'packages/core/src/flow/very-long.ts': lines(401),
      'packages/core/src/flow/very-long.test.ts': lines(401),
      'packages/cli/src/data/table.ts': lines(401),
    });
    expect(failures).toEqual([expect.stringContaining('packages/core/src/flow/very-long.ts:401 ')]);
    expect(warnings).toEqual([expect.stringContaining('packages/core/src/flow/long.ts:251 ')]);
  });
});
