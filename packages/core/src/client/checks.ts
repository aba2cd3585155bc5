import { VibeError } from '../errors/vibe-error.js';
import { windowSpan } from '../policies/budget-window.js';

/** Throws `config` with the path when a value is not what it checks for. */
export interface Check {
  (value: unknown, path: string): void;
  /** What is inside of such a value, by its step: `.retry`, `[]` or `.*`. */
  readonly inside?: readonly (readonly [step: string, check: Check])[];
}

export function bad(path: string, expected: string, value: unknown): VibeError {
  const given =
    typeof value === 'object' && value !== null
      ? Array.isArray(value)
        ? 'a list'
        : 'an object'
      : `${typeof value === 'string' ? `"${value}"` : String(value)}`;
  return new VibeError('config', `${path}: expected ${expected}, got ${given}.`, {
    details: { path },
    next: [`Correct ${path}.`],
  });
}

export const string: Check = (value, path) => {
  if (typeof value !== 'string' || value === '') throw bad(path, 'a non-empty string', value);
};
export const boolean: Check = (value, path) => {
  if (typeof value !== 'boolean') throw bad(path, 'true or false', value);
};
export const anything: Check = () => undefined;

export function numberIn(from: number, to: number, whole = false): Check {
  return (value, path) => {
    const fits = typeof value === 'number' && value >= from && value <= to && (!whole || Number.isInteger(value));
    if (!fits) throw bad(path, `${whole ? 'a whole number' : 'a number'} from ${from} to ${to}`, value);
  };
}

export function oneOf(...allowed: readonly string[]): Check {
  return (value, path) => {
    if (typeof value !== 'string' || !allowed.includes(value))
      throw bad(path, `one of ${allowed.join(', ')}${near(String(value), allowed)}`, value);
  };
}

export function listOf(check: Check): Check {
  const ofList: Check = (value, path) => {
    if (!Array.isArray(value)) throw bad(path, 'a list', value);
    for (const [index, entry] of value.entries()) check(entry, `${path}[${index}]`);
  };
  return Object.assign(ofList, { inside: [['[]', check] as const] });
}

export function mapOf(check: Check): Check {
  const ofMap: Check = (value, path) => {
    for (const [key, entry] of Object.entries(asObject(value, path))) check(entry, `${path}.${key}`);
  };
  return Object.assign(ofMap, { inside: [['.*', check] as const] });
}

export function shape(fields: Readonly<Record<string, Check>>, required: readonly string[] = []): Check {
  const ofShape: Check = (value, path) => {
    const object = asObject(value, path);
    const at = (key: string) => (path === '' ? key : `${path}.${key}`);
    for (const [key, entry] of Object.entries(object)) {
      const check = Object.hasOwn(fields, key) ? fields[key] : undefined;
      if (check === undefined) {
        throw new VibeError(
          'config',
          `${at(key)}: unknown option${meant(key, fields, at)}. Known are ${Object.keys(fields).join(', ')}.`,
          {
            details: { path: at(key) },
          },
        );
      }
      if (entry !== undefined) check(entry, at(key));
    }
    for (const key of required) if (object[key] === undefined) throw bad(at(key), 'a value: it is required', undefined);
  };
  return Object.assign(ofShape, { inside: insideOf(fields) });
}

function insideOf(fields: Readonly<Record<string, Check>>): NonNullable<Check['inside']> {
  return Object.entries(fields).map(([key, check]) => [`.${key}`, check]);
}

function asObject(value: unknown, path: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw bad(path, 'an object', value);
  return value as Record<string, unknown>;
}

/** ` (did you mean "defaults.retry"?)` for a key that stands further inside, else what is `near`. */
export function meant(
  given: string,
  fields: Readonly<Record<string, Check>>,
  at = (key: string): string => key,
): string {
  const place = placeOf(given, insideOf(fields));
  return place === null ? near(given, Object.keys(fields)) : ` (did you mean "${at(place)}"?)`;
}

/** Where a key stands, at the place with the fewest steps. */
function placeOf(key: string, fields: NonNullable<Check['inside']>): string | null {
  for (let level = fields; level.length > 0; ) {
    const found = level.find(([path]) => path.endsWith(`.${key}`));
    if (found !== undefined) return found[0].slice(1);
    level = level.flatMap(([path, { inside = [] }]) =>
      inside.map(([step, check]) => [`${path}${step}`, check] as const),
    );
  }
  return null;
}

/** ` (did you mean "x"?)` when a known name starts or ends alike; of several the one that is most alike. */
export function near(given: string, known: readonly string[]): string {
  const wanted = letters(given);
  let match: string | null = null;
  let most = 2;
  for (const name of known) {
    const alike = common(wanted, letters(name));
    if (alike > most) [match, most] = [name, alike];
  }
  return match === null ? '' : ` (did you mean "${match}"?)`;
}

function letters(name: string): string {
  return name.toLowerCase().replaceAll(/[^a-z0-9]/g, '');
}

/** How many characters two names share at their beginning and at their end; 0 when that is little. */
function common(first: string, second: string): number {
  const shorter = Math.min(first.length, second.length);
  let begin = 0;
  while (begin < shorter && first[begin] === second[begin]) begin++;
  let end = 0;
  while (end < shorter - begin && first.at(-1 - end) === second.at(-1 - end)) end++;
  return begin >= 3 || end >= 4 || first === second ? begin + end : 0;
}

/** The longest delay a timer can keep. */
export const maxMs = 2_147_483_647;
export const ms = numberIn(0, maxMs);
export const count = numberIn(1, 1_000_000_000, true);
export const usd = numberIn(0, 9_007_199);
export const tier = oneOf('economy', 'standard', 'premium');
export const mode = oneOf('best_effort', 'strict_budget');
export const policy = oneOf('smart', 'cheap', 'fast', 'quality', 'fixed');
export const timezone: Check = (value, path) => {
  string(value, path);
  try {
    windowSpan('day', value as string, 0);
  } catch {
    throw bad(path, 'an IANA time zone such as Asia/Shanghai or UTC', value);
  }
};

export const timeoutOptions = shape({ connectMs: ms, firstChunkMs: ms, chunkMs: ms, totalMs: ms, idleMs: ms });
export const retryOptions = shape({ attempts: numberIn(1, 100, true), budgetMs: ms, on429: boolean });
