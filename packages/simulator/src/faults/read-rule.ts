import { asObject, type JsonObject } from '../json.js';
import { SimulatorError } from '../simulator-error.js';
import type { HintForm, WireName } from '../wire.js';
import type { Fault, FaultKind } from './fault.js';
import type { Rule, RuleMatch } from './rule.js';

/** Whether a value may stand in a field, and in what words it is asked for. */
interface FieldCheck {
  readonly accepts: (value: unknown) => boolean;
  readonly wanted: string;
}

type FieldChecks<T> = { readonly [K in keyof T]-?: FieldCheck };

const wires: readonly WireName[] = ['gemini', 'qwen', 'openai'];
const hintForms: readonly HintForm[] = ['retry-after', 'retry-after-date', 'retry-after-ms', 'retry-info', 'text'];

const text: FieldCheck = { accepts: (value) => typeof value === 'string', wanted: 'a text' };
const flag: FieldCheck = { accepts: (value) => typeof value === 'boolean', wanted: 'true or false' };
const wire: FieldCheck = { accepts: (value) => wires.includes(value as WireName), wanted: wires.join(', ') };
const count: FieldCheck = {
  accepts: (value) => Number.isInteger(value) && Number(value) >= 0,
  wanted: 'a whole number, 0 or more',
};
const positive: FieldCheck = {
  accepts: (value) => Number.isInteger(value) && Number(value) >= 1,
  wanted: 'a whole number, 1 or more',
};
const duration: FieldCheck = {
  accepts: (value) => typeof value === 'number' && Number.isFinite(value) && value >= 0,
  wanted: 'milliseconds, 0 or more',
};
const chance: FieldCheck = {
  accepts: (value) => typeof value === 'number' && value >= 0 && value <= 1,
  wanted: 'a number from 0 to 1',
};
const httpStatus: FieldCheck = {
  accepts: (value) => Number.isInteger(value) && Number(value) >= 200 && Number(value) <= 599,
  wanted: 'an HTTP status from 200 to 599',
};
const hints: FieldCheck = {
  accepts: (value) => Array.isArray(value) && value.every((form) => hintForms.includes(form)),
  wanted: `a list of ${hintForms.join(', ')}`,
};
const anything: FieldCheck = { accepts: () => true, wanted: 'anything' };

const ruleFields: FieldChecks<Rule> = {
  match: { accepts: (value) => asObject(value) !== null, wanted: 'an object' },
  fault: anything,
  times: count,
  afterRequests: count,
  every: positive,
  rate: chance,
  seed: { accepts: Number.isSafeInteger, wanted: 'a whole number' },
  maxInARow: positive,
  fromMs: duration,
  untilMs: duration,
  delayMs: duration,
};

const matchFields: FieldChecks<RuleMatch> = {
  path: text,
  model: text,
  endpoint: text,
  wire,
  stream: flag,
  prompt: text,
};

type FaultFields = { readonly [K in FaultKind]: Readonly<Record<string, FieldCheck>> };

const faultFields: FaultFields = {
  status: { status: httpStatus, reason: text, message: text, retryAfterMs: duration, hints },
  reset: { afterDeltas: count },
  stall: { afterDeltas: count },
  hold: { afterDeltas: count },
  truncate: { afterDeltas: count },
  errorInStream: { afterDeltas: count, status: httpStatus, reason: text, bare: flag },
  missingUsage: {},
  usageAfterFinish: {},
  twoFinish: {},
  servedModel: { model: text },
  slow: { delayMs: duration, perDeltaMs: duration },
  empty: {},
  html: { status: httpStatus },
  hugeError: { status: httpStatus, bytes: count },
  hugeEvent: { bytes: count },
  crlf: {},
  lf: {},
  cr: {},
  comments: {},
  multiLineData: {},
  splitUtf8: {},
};

/** A rule from unchecked data. Throws a SimulatorError `invalid_rule` that names the field. */
export function readRule(value: unknown): Rule {
  const rule = objectAt('rule', value);
  checkFields('rule', rule, ruleFields);
  if (rule['match'] !== undefined) checkFields('rule.match', objectAt('rule.match', rule['match']), matchFields);
  readFaults(rule['fault'], 'rule.fault');
  return rule as unknown as Rule;
}

/** One fault or a list of them, from unchecked data; `where` names the place in errors. */
export function readFaults(value: unknown, where: string): readonly Fault[] {
  const list = Array.isArray(value) ? value : [value];
  if (list.length === 0) throw invalid(where, 'needs at least one fault');
  return list.map((item) => readFault(item, where));
}

function readFault(value: unknown, where: string): Fault {
  const { kind, ...fields } = objectAt(where, value);
  const checks = typeof kind === 'string' && Object.hasOwn(faultFields, kind) ? faultFields[kind as FaultKind] : null;
  if (!checks) throw invalid(`${where}.kind`, `must be one of ${Object.keys(faultFields).join(', ')}`);
  checkFields(where, fields, checks);
  if (kind === 'servedModel' && fields['model'] === undefined) throw invalid(`${where}.model`, 'is missing');
  return value as Fault;
}

function checkFields(where: string, object: JsonObject, checks: Readonly<Record<string, FieldCheck>>): void {
  for (const [name, value] of Object.entries(object)) {
    const check = Object.hasOwn(checks, name) ? checks[name] : undefined;
    if (!check) throw invalid(`${where}.${name}`, `is not known; known are ${Object.keys(checks).join(', ')}`);
    if (value !== undefined && !check.accepts(value)) throw invalid(`${where}.${name}`, `must be ${check.wanted}`);
  }
}

function objectAt(where: string, value: unknown): JsonObject {
  const object = asObject(value);
  if (!object) throw invalid(where, 'must be an object');
  return object;
}

function invalid(where: string, problem: string): SimulatorError {
  return new SimulatorError('invalid_rule', `The simulator cannot use this script: ${where} ${problem}.`);
}
