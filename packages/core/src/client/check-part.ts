import { VibeError } from '../errors/vibe-error.js';
import type { PluginPart } from '../spec/plugin.js';

type Member = 'function' | 'list' | 'text';

/** What a part of each kind must have at least. What is missing would otherwise be found by a call, as a TypeError. */
const members: Readonly<Record<PluginPart['kind'], Readonly<Record<string, Member>>>> = {
  provider: { id: 'text', endpoints: 'list', models: 'list', stream: 'function' },
  ledger: {
    ...{ hold: 'function', extend: 'function', settle: 'function', check: 'function', budgets: 'function' },
    ...{ report: 'function', stats: 'function', flush: 'function', close: 'function' },
  },
  limiter: { acquire: 'function', peek: 'function', learn: 'function', close: 'function' },
  router: { plan: 'function' },
  pricing: { price: 'function', rates: 'function' },
  tokenizer: { matches: 'function', count: 'function' },
  middleware: { middleware: 'function' },
};

const endpointMembers: Readonly<Record<string, Member>> = { id: 'text', keyPresent: 'function' };
const modelMembers: Readonly<Record<string, Member>> = {
  id: 'text',
  operations: 'list',
  input: 'list',
  output: 'list',
};

/** Throws `config` with the plugin and the path of what is missing. */
export function checkPart(part: PluginPart, from: string): void {
  check(part, members[part.kind], part.kind, from, '');
  if (part.kind !== 'provider') return;
  for (const [index, endpoint] of part.endpoints.entries())
    check(endpoint, endpointMembers, 'provider', from, `endpoints[${index}]`);
  const ids = part.endpoints.map(({ id }) => id);
  const twice = ids.find((id, index) => ids.indexOf(id) < index);
  // Breaker, limits and statistics tell endpoints apart by their names.
  if (twice !== undefined)
    throw new VibeError('config', `${from} has two endpoints "${twice}" of the provider "${part.id}".`, {
      details: { plugin: from, endpoint: twice },
      next: ['Give each endpoint an id of its own.'],
    });
  for (const [index, model] of part.models.entries()) check(model, modelMembers, 'provider', from, `models[${index}]`);
}

function check(
  value: unknown,
  wanted: Readonly<Record<string, Member>>,
  kind: string,
  from: string,
  path: string,
): void {
  const object: Record<string, unknown> | null = typeof value === 'object' ? (value as Record<string, unknown>) : null;
  if (object === null) throw broken(from, kind, path, 'an object', value);
  for (const [name, member] of Object.entries(wanted)) {
    const at = path === '' ? name : `${path}.${name}`;
    if (!fits(object[name], member)) throw broken(from, kind, at, expected[member], object[name]);
  }
}

const expected: Readonly<Record<Member, string>> = {
  function: 'a function',
  list: 'a list',
  text: 'a text that is not empty',
};

function fits(value: unknown, member: Member): boolean {
  if (member === 'function') return typeof value === 'function';
  return member === 'list' ? Array.isArray(value) : typeof value === 'string' && value !== '';
}

function broken(from: string, kind: string, path: string, wanted: string, value: unknown): VibeError {
  const given = value === null ? 'null' : Array.isArray(value) ? 'a list' : typeof value;
  return new VibeError('config', `${from} is no whole ${kind}: ${path} must be ${wanted}, got ${given}.`, {
    details: { plugin: from, kind, path },
    next: [`Correct ${path} of ${from}. @vibe/contract-tests checks a ${kind} as a whole.`],
  });
}
