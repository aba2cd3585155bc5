import { describe, expect, expectTypeOf, it } from 'vitest';
import { failurePolicy } from './failure-policy.js';
import { redact, redactSecrets } from './redact.js';
import { VibeError } from './vibe-error.js';

describe('a VibeError', () => {
  it('is known across copies of the package by its marker', () => {
    const foreign = Object.assign(new Error('x'), { code: 'auth', [Symbol.for('vibe.error')]: true });
    expect(VibeError.is(foreign)).toBe(true);
    expect(VibeError.is(foreign, 'timeout')).toBe(false);
    expect(VibeError.is(new Error('x'))).toBe(false);
    expect(VibeError.is(null)).toBe(false);
  });

  it('that has not the code one asks for is still one that can be asked for the next', () => {
    const error: VibeError = new VibeError('auth', 'x');
    if (VibeError.is(error, 'timeout')) expectTypeOf(error.code).toEqualTypeOf<'timeout'>();
    else expectTypeOf(error).toEqualTypeOf<VibeError>();
    expect(VibeError.is(error, 'timeout') ? 'timeout' : error.code).toBe('auth');
  });

  it('takes retryable and mayBeBilled from the table unless told otherwise', () => {
    for (const code of Object.keys(failurePolicy) as (keyof typeof failurePolicy)[]) {
      const error = new VibeError(code, 'x');
      expect([error.retryable, error.mayBeBilled]).toEqual([
        failurePolicy[code].retry,
        failurePolicy[code].mayBeBilled,
      ]);
      expect(failurePolicy[code].reason).not.toBe('');
    }
    expect(new VibeError('provider_unavailable', 'x', { mayBeBilled: true }).mayBeBilled).toBe(true);
  });

  it('shows no secret in its message or JSON', () => {
    const error = new VibeError('auth', 'Incorrect API key sk-abcdef1234567890 provided', {
      cause: new Error('Authorization: Bearer qwertyuiop123'),
    });
    const shown = error.message + JSON.stringify(error);
    expect(shown).not.toContain('abcdef1234567890');
    expect(shown).not.toContain('qwertyuiop123');
    expect(shown).toContain('[redacted]');
  });
});

describe('redact', () => {
  it.each([
    'sk-abcdef1234567890',
    'AIzaSyA1234567890abcdefghijklmnopqrs',
    'Authorization: Bearer my-token-123',
    'https://host/path?key=my-token-123&alt=sse',
    '"x-goog-api-key": "my-token-123"',
  ])('removes the secret of %s', (text) => {
    expect(redact(text)).not.toMatch(/my-token-123|abcdef1234567890|A1234567890/);
  });

  it('leaves ordinary text alone', () => {
    const text = 'The task sk- is short; the key of the map is "a"; risk-assessment done.';
    expect(redact(text)).toBe(text);
  });

  it('removes given secrets whatever they look like', () => {
    expect(redactSecrets('the key hunter22 failed', ['hunter22'])).toBe('the key [redacted] failed');
  });
});
