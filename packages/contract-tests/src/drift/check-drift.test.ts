import { describe, expect, it } from 'vitest';
import { type Breakage, breakField } from './break-field.js';
import { checkDrift, type DriftSnapshot, describeDrift } from './check-drift.js';

const snapshot: DriftSnapshot = {
  provider: 'toy',
  kinds: {
    chat: {
      reads: {
        choices: 'array',
        'choices[].text': 'string|null',
        'choices[].call': 'object',
        'choices[].call.input': 'object',
        usage: 'object',
        'usage.tokens': 'number',
        'usage.parts[]': 'number',
      },
      optional: { 'usage.cached': 'number|null', 'choices[].seldom': 'string' },
      knows: ['id'],
      opaque: ['choices[].call.input'],
    },
  },
};
const documents = [
  { id: '1', choices: [{ text: 'a' }, { text: null, call: { input: { anything: 1 } } }] },
  { id: '1', choices: [], usage: { tokens: 3, parts: [1, 2] } },
];
const check = (changed: readonly unknown[]) => checkDrift(snapshot, [{ kind: 'chat', documents: changed }]);

describe('a field that is read where it comes', () => {
  const also = (usage: object) => check([...documents, { choices: [], usage: { tokens: 1, parts: [1], ...usage } }]);

  it('may be missing, and is not new when it comes', () => {
    expect(check(documents).findings).toEqual([]);
    expect(also({ cached: 3 })).toEqual({ ok: true, findings: [] });
    expect(also({ cached: null })).toEqual({ ok: true, findings: [] });
  });

  it('is a failure when it comes with another type', () => {
    expect(also({ cached: '3' }).findings).toMatchObject([{ level: 'failure', path: 'usage.cached' }]);
  });
});

describe('the drift check', () => {
  it('finds nothing where nothing has changed, over all documents of a kind', () => {
    expect(check(documents)).toEqual({ ok: true, findings: [] });
  });

  it.each(
    Object.keys(snapshot.kinds['chat']?.reads ?? {}).flatMap((path) =>
      (['removed', 'renamed', 'retyped'] as const).map((breakage): [string, Breakage] => [path, breakage]),
    ),
  )('fails when %s is %s', (path, breakage) => {
    const report = check(breakField(documents, path, breakage));
    expect(report.ok).toBe(false);
    expect(report.findings[0]).toMatchObject({ level: 'failure', kind: 'chat' });
    expect(report.findings.some((finding) => finding.level === 'failure' && finding.path === path)).toBe(true);
    expect(describeDrift(report)).toContain(`failure: chat $.${path}: `);
  });

  it('fails when a single field has another type than the others', () => {
    expect(check([...documents, { id: '2', usage: { tokens: '3' } }]).ok).toBe(false);
  });

  it('warns of an unread field that is gone, and tells of a new one', () => {
    const { ok, findings } = check(breakField(documents, 'id', 'renamed'));
    expect([ok, findings]).toEqual([
      true,
      [
        { level: 'warning', kind: 'chat', path: 'id', message: 'it is gone; nothing reads it' },
        { level: 'info', kind: 'chat', path: 'idV2', message: 'it is new: string' },
      ],
    ]);
  });

  it('fails for traffic it cannot compare', () => {
    expect(checkDrift(snapshot, [{ kind: 'song', documents }]).ok).toBe(false);
    expect(check([]).ok).toBe(false);
  });
});
