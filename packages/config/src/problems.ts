import { redact, VibeError } from '@vibe/core';
import type { core } from 'zod/mini';
import { keyMeanings } from './key-meanings.js';
import { nearestName } from './nearest-name.js';
import { formatPath, type Path, valueAt } from './path.js';
import { looksLikeSecretName } from './secrets.js';
import type { Position } from './source/position.js';

/** Something wrong with a configuration, and where. */
export interface Problem {
  /** `vibe.config.yaml:7:3`, or `env VIBE_MODE`. */
  readonly place: string;
  readonly file: string | null;
  readonly position: Position | null;
  /** `''` for the whole file. */
  readonly path: string;
  /** A sentence without the place, its path in it. */
  readonly message: string;
}

/** What is wrong with one value, without its place. */
export interface Finding {
  readonly path: Path;
  readonly message: string;
}

/** What a schema found wrong with `value`, a finding per key. */
export function findingsOf(issues: readonly core.$ZodIssue[], value: unknown): readonly Finding[] {
  const findings = issues.flatMap((issue) => findingsOfIssue(issue, value, []));
  // A number that is neither whole nor in range is wrong twice, in the same words.
  return [...new Map(findings.map((finding) => [finding.message, finding])).values()];
}

function findingsOfIssue(issue: core.$ZodIssue, value: unknown, base: Path): readonly Finding[] {
  const path = [...base, ...issue.path.map((step) => (typeof step === 'number' ? step : String(step)))];
  if (issue.code === 'unrecognized_keys') {
    // The schema's message lists the known keys.
    const known = issue.message.split(' ');
    return issue.keys.map((key) => ({ path: [...path, key], message: unknownKey([...path, key], key, known) }));
  }
  if (issue.code === 'invalid_union') {
    // The branch whose type fits says more than "neither of them".
    const branch = issue.errors.find((errors) => !errors.some(({ code, path: at }) => isTypeOfWhole(code, at)));
    if (branch !== undefined) return branch.flatMap((inner) => findingsOfIssue(inner, value, path));
  }
  const given = valueAt(value, path);
  const name = path.at(-1);
  const shown = typeof name === 'string' && looksLikeSecretName(name) ? 'something else' : describe(given);
  const subject = path.length === 0 ? '' : `${formatPath(path)}: `;
  const hint = issue.code === 'invalid_value' ? meant(String(given), issue.values.map(String)) : '';
  return [{ path, message: `${subject}expected ${issue.message}, got ${shown}${hint}` }];
}

function isTypeOfWhole(code: string, path: readonly PropertyKey[]): boolean {
  return code === 'invalid_type' && path.length === 0;
}

function unknownKey(path: Path, key: string, known: readonly string[]): string {
  const parent = formatPath(path.slice(0, -1));
  const hint = (parent === '' ? toldOfTop(key) : '') || belongs(key, parent) || meant(key, known) || belongs(key, '');
  return `${formatPath(path)}: unknown key${hint === '' ? `; known are ${known.join(', ')}` : hint}`;
}

/** What people look for at the top of a file and stands elsewhere. */
const places: readonly (readonly [place: string, keys: readonly string[]])[] = [
  ['it is an option of the plugin @vibe/pricing-registry', ['prices', 'currencies']],
  ['it is an option of the plugin @vibe/ledger-sqlite', ['path', 'ledger']],
  [
    'each provider is an entry of "plugins", and so is each profile of it',
    ['providers', 'provider', 'profiles', 'profile'],
  ],
  ['it is part of a budget: { window, limitUsd, … }', ['limitUsd', 'window', 'warnAt', 'shadow', 'timezone', 'tags']],
  ['it is part of a limit: limits: { "*": { rpm, … } }', ['rpm', 'tpm', 'rpd', 'concurrency', 'rpdTimezone', 'burst']],
  ['keys of services are no part of a file: `llm keys set`, or the environment', ['keys', 'apiKey', 'apiKeys']],
  ['YAML merge keys are not read: repeat what you need', ['<<']],
];

function toldOfTop(key: string): string {
  const place = places.find(([, keys]) => keys.includes(key));
  return place === undefined ? '' : ` (${place[0]})`;
}

/** Where inside of `parent` the settings have such a key, with the fewest steps. */
function belongs(key: string, parent: string): string {
  const [name] = Object.keys(keyMeanings)
    .filter((known) => `.${known}`.endsWith(`.${key}`) && !/[[*]/.test(known))
    .filter((known) => parent === '' || known.startsWith(`${parent}.`))
    .sort((first, second) => first.split('.').length - second.split('.').length);
  if (name === undefined) return '';
  return name === key ? ' (it belongs at the top)' : ` (it belongs below "${name.slice(0, -key.length - 1)}")`;
}

function meant(given: string, known: readonly string[]): string {
  const nearest = nearestName(given, known);
  return nearest === null ? '' : ` (did you mean "${nearest}"?)`;
}

const maxShown = 40;

function describe(value: unknown): string {
  if (value === undefined) return 'nothing: it is required';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object' && value !== null) return 'a mapping';
  const text = redact(typeof value === 'string' ? JSON.stringify(value) : String(value));
  return text.length > maxShown ? `${text.slice(0, maxShown)}…` : text;
}

/** More would bury the first. */
const maxInMessage = 20;

/** All problems of a configuration as one `config` error; `details.problems` has every one. */
export function configError(problems: readonly Problem[], cause?: unknown): VibeError {
  const lines = problems.slice(0, maxInMessage).map(({ place, message }) => `${place} ${message}.`);
  const more = problems.length - lines.length;
  if (more > 0) lines.push(`… and ${more} more.`);
  const [only = ''] = lines;
  const message =
    problems.length === 1
      ? only
      : `The configuration has ${problems.length} problems:\n${lines.map((line) => `  ${line}`).join('\n')}`;
  const places = [...new Set(problems.map(({ place }) => place))];
  return new VibeError('config', message, {
    details: { problems: problems.map((problem) => ({ ...problem })) },
    next: [`Correct ${places.slice(0, 3).join(', ')}${places.length > 3 ? ', …' : ''}.`],
    ...(cause === undefined ? {} : { cause }),
  });
}
