import { ok } from 'node:assert/strict';
import { inspect } from 'node:util';

/** What a log or a crash report would show of a value. */
function shown(value: unknown): string {
  const texts = [inspect(value, { depth: 12 }), String(value)];
  if (value instanceof Error) {
    texts.push(value.message, value.stack ?? '');
    if ('toJSON' in value) texts.push(JSON.stringify(value));
    if (value.cause !== undefined) texts.push(shown(value.cause));
  } else if (typeof value === 'object' && value !== null) texts.push(JSON.stringify(value));
  return texts.join('\n');
}

/** Fails when a key can be read in a value, however it is printed. */
export function assertNoSecret(value: unknown, secrets: readonly string[], what: string): void {
  const text = shown(value);
  for (const secret of secrets) {
    // The message must not leak what it complains about.
    ok(!text.includes(secret), `${what} shows a key`);
    ok(!text.includes(encodeURIComponent(secret)), `${what} shows a key, percent-encoded`);
    ok(!text.includes(Buffer.from(secret).toString('base64')), `${what} shows a key, base64-encoded`);
  }
}
