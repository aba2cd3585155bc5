import { describe, expect, it } from 'vitest';
import { neededNode, tooOld } from './node-version.mjs';
import { readJson } from './root.mjs';

describe('the version of Node', () => {
  it('is the one the manifests ask for', () => {
    expect(readJson('package.json').engines.node).toBe(`>=${neededNode.join('.')}`);
    expect(readJson('packages/core/package.json').engines.node).toBe(`>=${neededNode.join('.')}`);
  });

  it.each(['20.19.0', '20.19.1', '20.20.2', '21.0.0', '22.4.0', '100.0.0'])('accepts %s', (version) => {
    expect(tooOld(version)).toBeNull();
  });

  it.each(['4.9.1', '18.20.8', '19.9.0', '20.0.0', '20.18.3'])('refuses %s with the next step', (version) => {
    expect(tooOld(version)).toContain(`this is Node ${version}: install a newer Node`);
  });
});
