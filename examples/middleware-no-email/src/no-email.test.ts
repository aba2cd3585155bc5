import type { Call, MiddlewarePart } from '@vibe/core';
import { describe, expect, it } from 'vitest';
import noEmail from './no-email.js';

/** What the rest of the chain gets to see. */
function seen(text: string, options = {}): string {
  const part = noEmail(options).create({ now: () => 0, random: () => 0, warn: () => undefined }) as MiddlewarePart;
  let passed: Call | undefined;
  const handler = part.middleware((call) => {
    passed = call;
    return (async function* () {})();
  });
  handler({
    operation: 'chat',
    request: { messages: [{ role: 'user', content: [{ type: 'text', text }] }] },
  } as unknown as Call);
  return JSON.stringify(passed);
}

describe('middleware without addresses', () => {
  it('takes out every address', () => {
    expect(seen('Write to ann.lee+x@example.co.uk, or jörg@müller.de!')).toContain('Write to [email], or [email]!');
    expect(seen('a@b.de', { replacement: '$&' })).toContain('"$&"');
  });

  it('leaves alone what is none', () => {
    expect(seen('5 @ home, user@localhost')).toContain('5 @ home, user@localhost');
  });
});
