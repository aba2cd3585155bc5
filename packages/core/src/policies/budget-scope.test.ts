import { describe, expect, it } from 'vitest';
import { describeScope, scopeMatches, scopeOf, scopePattern } from './budget-scope.js';

const target = { provider: 'qwen', profile: 'default', endpoint: 'cn', region: 'cn', model: 'qwen-plus' };
const day = { window: 'day', limitUsd: 1 } as const;

describe('a budget scope', () => {
  it('is all without restrictions, and null for calls it does not count', () => {
    expect(scopeOf(day, {}, target)).toBe('all');
    expect(scopeOf({ ...day, model: 'qwen-plus' }, {}, target)).toBe('model=qwen-plus');
    expect(scopeOf({ ...day, model: 'qwen-max' }, {}, target)).toBeNull();
    expect(scopeOf({ ...day, tags: { team: 'a' } }, { team: 'b' }, target)).toBeNull();
  });

  it('has one value per tag value, and a shared one for calls without the tag', () => {
    const budget = { ...day, tags: { user: '*' } };
    expect(scopeOf(budget, { user: 'alice' }, target)).toBe('tag.user=alice');
    expect(scopeOf(budget, {}, target)).toBe('tag.user=(none)');
    expect(scopePattern(budget)).toBe('tag.user=*');
    expect(scopeMatches('tag.user=*', 'tag.user=alice')).toBe(true);
    expect(scopeMatches('tag.user=*', 'tag.team=alice')).toBe(false);
  });

  it.each(['constructor', 'toString', '__proto__'])('has no value of a tag "%s" that a call does not carry', (tag) => {
    const scope = scopeOf({ ...day, tags: { [tag]: '*' } }, {}, target);
    expect(scope).toBe(`tag.${tag}=(none)`);
    expect(scopeOf({ ...day, tags: { [tag]: 'a' } }, {}, target)).toBeNull();
  });

  it('cannot be confused by values that look like its own syntax', () => {
    const budget = { ...day, tags: { user: '*' } };
    const scopes = ['*', 'a;tag.user=b', 'a=b', '%2A', '\ud800'].map(
      (user) => scopeOf(budget, { user }, target) as string,
    );
    expect(new Set(scopes).size).toBe(scopes.length);
    for (const scope of scopes) expect(scope.split(';')).toHaveLength(1);
    expect(scopes[0]).not.toContain('*');
  });

  it('does not depend on the order in which tags are written', () => {
    const first = scopeOf({ ...day, tags: { a: '*', b: '*' } }, { a: '1', b: '2' }, target);
    const second = scopeOf({ ...day, tags: { b: '*', a: '*' } }, { b: '2', a: '1' }, target);
    expect(first).toBe(second);
  });

  it('reads well', () => {
    expect(describeScope('all')).toBe('all calls');
    expect(describeScope('model=qwen-plus;tag.user=alice')).toBe('model qwen-plus, user alice');
  });
});
