import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { toolEnvironment } from './environment.mjs';
import { inRoot } from './root.mjs';

describe('the environment of tools', () => {
  it('puts the tools of the repository first on the PATH, whatever its spelling', () => {
    const bin = inRoot('node_modules', '.bin');
    expect(toolEnvironment({ PATH: '/usr/bin' }).PATH).toBe(`${bin}${delimiter}/usr/bin`);
    expect(toolEnvironment({ Path: 'C:\\Windows' }).Path).toBe(`${bin}${delimiter}C:\\Windows`);
  });

  it('points node-gyp to headers beside the running Node, and leaves a choice of the user alone', () => {
    const prefix = mkdtempSync(join(tmpdir(), 'vibe-node-'));
    const execPath = join(prefix, 'bin', 'node');
    expect(toolEnvironment({}, execPath).npm_config_nodedir).toBeUndefined();
    mkdirSync(join(prefix, 'include', 'node'), { recursive: true });
    writeFileSync(join(prefix, 'include', 'node', 'node.h'), '');
    expect(toolEnvironment({}, execPath).npm_config_nodedir).toBe(prefix);
    expect(toolEnvironment({ npm_config_nodedir: '/mine' }, execPath).npm_config_nodedir).toBe('/mine');
    rmSync(prefix, { recursive: true });
  });

  it('does not change what the user has set', () => {
    expect(toolEnvironment({ JOBS: '1' }).JOBS).toBe('1');
    expect(toolEnvironment({}).TURBO_TELEMETRY_DISABLED).toBe('1');
  });
});
