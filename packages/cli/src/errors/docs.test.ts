import { readdirSync, readFileSync } from 'node:fs';
import { type ErrorCode, failurePolicy } from '@vibe/core';
import { describe, expect, it } from 'vitest';
import { exitCodeOf } from '../exit-codes.js';
import { docsPage } from './docs-page.js';

const root = new URL('../../../../', import.meta.url);
const codes = Object.keys(failurePolicy) as ErrorCode[];

describe('the pages about errors', () => {
  it.each(codes)('have one for %s that says what the chain does', (code) => {
    const page = readFileSync(new URL(docsPage(code), root), 'utf8');
    const { retry, failover, trips, mayBeBilled } = failurePolicy[code];
    const word = (is: boolean) => (is ? 'yes' : 'no');
    expect(page).toContain(`# \`${code}\`\n`);
    expect(page).toContain(
      `By its table: retried: ${word(retry)} · sent elsewhere: ${word(failover)} · counts for the breaker: ${word(trips)} · may be billed: ${word(mayBeBilled)}.`,
    );
    expect(page).toContain(`Exit code of \`llm\`: ${exitCodeOf(code)}.`);
    for (const heading of ['Why it happens', 'What Vibe does by itself', 'What to do'])
      expect(page).toMatch(new RegExp(`## ${heading}\\n\\n\\S`));
  });

  it('are no more than there are codes, and all in the overview', () => {
    const pages = readdirSync(new URL('docs/errors/', root)).sort();
    expect(pages).toEqual([...codes.map((code) => `${code}.md`), 'README.md'].sort());
    const overview = readFileSync(new URL('docs/errors/README.md', root), 'utf8');
    for (const code of codes) expect(overview).toContain(`| [\`${code}\`](${code}.md) | `);
  });
});
