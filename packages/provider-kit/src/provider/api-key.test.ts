import { VibeError } from '@vibe/core';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { apiKey } from './api-key.js';

afterEach(() => vi.unstubAllEnvs());

describe('apiKey', () => {
  it('prefers the key from code and drops space around it', () => {
    vi.stubEnv('ACME_KEY', 'from-environment');
    expect(apiKey({ value: ' from-code\n', variables: ['ACME_KEY'] }).read('acme')).toBe('from-code');
  });

  it('is looked up when it is needed, in the order of the variables', () => {
    const key = apiKey({ variables: ['ACME_KEY', 'OTHER_KEY'] });
    expect(key.present()).toBe(false);
    vi.stubEnv('OTHER_KEY', 'second');
    expect(key.read('acme')).toBe('second');
    vi.stubEnv('ACME_KEY', 'first');
    expect(key.read('acme')).toBe('first');
    expect(key.present()).toBe(true);
  });

  it('is found where the host keeps secrets when no variable is set', () => {
    const kept = new Map([['OTHER_KEY', ' kept ']]);
    const key = apiKey({ variables: ['ACME_KEY', 'OTHER_KEY'], host: { secret: (name) => kept.get(name) } });
    expect(key.read('acme')).toBe('kept');
    kept.set('ACME_KEY', 'kept first');
    vi.stubEnv('OTHER_KEY', 'environment');
    expect(key.read('acme')).toBe('environment');
    vi.stubEnv('OTHER_KEY', '');
    kept.clear();
    expect(key.present()).toBe(false);
  });

  it('is an auth error that names the variables when there is none', () => {
    vi.stubEnv('ACME_KEY', '  ');
    const read = () => apiKey({ value: '', variables: ['ACME_KEY', 'OTHER_KEY'] }).read('acme@main');
    expect(read).toThrow(/acme@main has no API key, so nothing was sent. Set ACME_KEY or OTHER_KEY/);
    expect(VibeError.is(caught(read), 'auth')).toBe(true);
  });

  it('refuses a key that cannot be sent, without showing it', () => {
    const read = () => apiKey({ value: 'sk-“quoted”', variables: ['ACME_KEY'] }).read('acme');
    expect(read).toThrow(/contains characters/);
    expect(JSON.stringify(caught(read))).not.toContain('quoted');
  });
});

function caught(work: () => unknown): unknown {
  try {
    return work();
  } catch (error) {
    return error;
  }
}
