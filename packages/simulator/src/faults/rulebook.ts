import { hash32, randomStream } from '../answer/random.js';
import type { Exchange } from '../exchange.js';
import { SimulatorError } from '../simulator-error.js';
import { fitsPattern } from '../wildcard.js';
import type { Fault } from './fault.js';
import type { Rule, RuleMatch } from './rule.js';

/** The most rules that may be scripted at once. */
export const MAX_RULES = 1000;

/** The most requests whose hits in a row are remembered; the oldest are forgotten first. */
const MAX_ROWS = 100_000;

/** A scripted rule and how often it was asked and fired. */
export interface RuleState {
  readonly rule: Rule;
  readonly matched: number;
  readonly fired: number;
}

/** What a rule decided for one request. */
export interface Verdict {
  readonly faults: readonly Fault[];
  readonly delayMs: number;
}

interface Entry extends RuleState {
  matched: number;
  fired: number;
  readonly scriptedMs: number;
  readonly random: () => number;
}

/** The scripted rules, in their order. Times come from `nowMs`, any clock that only goes forward. */
export class Rulebook {
  readonly #seed: number;
  readonly #nowMs: () => number;
  /** Hits in a row by request, by any rule: a request that gets through starts over. */
  readonly #rows = new Map<number, number>();
  #entries: Entry[] = [];
  #scripted = 0;

  constructor(seed: number, nowMs: () => number) {
    this.#seed = seed;
    this.#nowMs = nowMs;
  }

  /** Adds a rule at the end and returns how to withdraw it. */
  add(rule: Rule): () => void {
    if (this.#entries.length >= MAX_RULES) {
      throw new SimulatorError('invalid_rule', `The simulator holds at most ${MAX_RULES} rules: reset it first.`);
    }
    this.#scripted += 1;
    const random =
      rule.seed === undefined ? randomStream('rule', this.#seed, this.#scripted) : randomStream('rule', rule.seed);
    const entry: Entry = { rule, matched: 0, fired: 0, scriptedMs: this.#nowMs(), random };
    this.#entries.push(entry);
    return () => {
      this.#entries = this.#entries.filter((other) => other !== entry);
    };
  }

  /** Forgets all rules; the random draws start over, so that a script repeats itself. */
  clear(): void {
    this.#entries = [];
    this.#scripted = 0;
    this.#rows.clear();
  }

  states(): RuleState[] {
    return this.#entries.map(({ rule, matched, fired }) => ({ rule, matched, fired }));
  }

  /** What happens to this request; null: nothing. */
  judge(exchange: Exchange): Verdict | null {
    const counted = this.#entries.some((entry) => entry.rule.maxInARow !== undefined);
    const key = counted ? hash32(`${exchange.path} ${JSON.stringify(exchange.body)}`) : 0;
    const hits = this.#rows.get(key) ?? 0;
    const entry = this.#entries.find((candidate) => this.#fires(candidate, exchange, hits));
    this.#rows.delete(key);
    if (!entry) return null;
    if (counted) this.#remember(key, hits + 1);
    entry.fired += 1;
    const { fault, delayMs = 0 } = entry.rule;
    return { faults: Array.isArray(fault) ? fault : [fault as Fault], delayMs };
  }

  #fires(entry: Entry, exchange: Exchange, hits: number): boolean {
    const { rule } = entry;
    if (!fits(rule.match ?? {}, exchange)) return false;
    entry.matched += 1;
    // The draw comes before the other conditions: whom it hits then depends on the seed and the order of requests alone.
    const drawn = entry.random() < (rule.rate ?? 1);
    const { times = Number.POSITIVE_INFINITY, afterRequests = 0, every = 1, fromMs = 0 } = rule;
    const { untilMs = Number.POSITIVE_INFINITY, maxInARow = Number.POSITIVE_INFINITY } = rule;
    const ageMs = this.#nowMs() - entry.scriptedMs;
    const turn = entry.matched - afterRequests;
    return (
      drawn &&
      ageMs >= fromMs &&
      ageMs < untilMs &&
      entry.fired < times &&
      turn >= 1 &&
      turn % every === 0 &&
      hits < maxInARow
    );
  }

  #remember(key: number, hits: number): void {
    if (this.#rows.size >= MAX_ROWS) this.#rows.delete(this.#rows.keys().next().value ?? key);
    this.#rows.set(key, hits);
  }
}

function fits(match: RuleMatch, exchange: Exchange): boolean {
  const { path, model, endpoint, wire, stream, prompt } = match;
  return (
    (path === undefined || fitsPattern(path, exchange.path)) &&
    (model === undefined || fitsPattern(model, exchange.model ?? '')) &&
    (endpoint === undefined || fitsPattern(endpoint, exchange.endpoint)) &&
    (wire === undefined || wire === exchange.wire.name) &&
    (stream === undefined || stream === exchange.stream) &&
    (prompt === undefined || exchange.prompt().includes(prompt))
  );
}
