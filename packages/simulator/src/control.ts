import { readRule } from './faults/read-rule.js';
import type { Rule } from './faults/rule.js';
import type { Rulebook } from './faults/rulebook.js';
import type { ReceivedBody } from './http/body.js';
import { jsonReply, type Reply } from './http/reply.js';
import { SimulatorError } from './simulator-error.js';
import type { Journal } from './watch/journal.js';
import type { StatsBoard } from './watch/stats.js';

/** What the control paths can see and do. */
export interface ControlParts {
  readonly rulebook: Rulebook;
  readonly board: StatsBoard;
  readonly journal: Journal;
  reset(): void;
  release(): number;
}

/** Paths that belong to the simulator itself; they are neither counted nor remembered. */
export function isControlPath(path: string): boolean {
  return path.startsWith('/__');
}

/**
 * `POST /__control`: one rule, `{ rules: [...] }`, `{ reset: true }`, or reset and rules together (the reset comes first);
 * `{ release: true }` lets go on what the fault `hold` holds back.
 * `GET /__control`: the rules and how often they fired. `GET /__stats`, `GET /__requests?n=`.
 */
export function controlReply(
  parts: ControlParts,
  request: { method: string; path: string; query: URLSearchParams; received: ReceivedBody },
): Reply {
  const { method, path, query, received } = request;
  if (method === 'POST' && path === '/__control') return script(parts, received);
  if (method === 'GET' && path === '/__control') return jsonReply(200, { rules: parts.rulebook.states() });
  if (method === 'GET' && path === '/__stats') return jsonReply(200, { ...parts.board.snapshot() });
  if (method === 'GET' && path === '/__requests') return listRequests(parts, query.get('n'));
  return problem(404, `There is no ${method} ${path}: use POST or GET /__control, GET /__stats, GET /__requests.`);
}

function script(parts: ControlParts, received: ReceivedBody): Reply {
  if (received.kind !== 'json')
    return problem(400, 'POST /__control wants a JSON object: a rule, { rules } or { reset: true }.');
  const { reset, release, rules, ...rule } = received.json;
  try {
    const scripted = readRules(rules, rule);
    if (reset === true) parts.reset();
    if (release === true) parts.release();
    for (const each of scripted) parts.rulebook.add(each);
  } catch (error) {
    if (error instanceof SimulatorError) return problem(400, error.message);
    throw error;
  }
  return jsonReply(200, { rules: parts.rulebook.states() });
}

/** All rules of one request, checked before any of them is scripted. */
function readRules(rules: unknown, rule: object): Rule[] {
  const single = Object.keys(rule).length > 0 ? [readRule(rule)] : [];
  if (rules === undefined) return single;
  if (!Array.isArray(rules)) throw new SimulatorError('invalid_rule', 'The field rules must be a list of rules.');
  return [...single, ...rules.map(readRule)];
}

function listRequests(parts: ControlParts, count: string | null): Reply {
  if (count !== null && !/^\d{1,9}$/.test(count)) return problem(400, 'n must be a whole number, 0 or more.');
  return jsonReply(200, { requests: parts.journal.last(count === null ? undefined : Number(count)) });
}

function problem(status: number, message: string): Reply {
  return jsonReply(status, { error: { message } });
}
