import { tokensPerAnswer } from './target-sample.js';

/** How long one answer took. */
export interface TimedAnswer {
  readonly atMs: number;
  /** Null: it came in one piece, or nobody measured it. */
  readonly ttftMs: number | null;
  readonly totalMs: number;
  readonly outputTokens: number;
}

/** How fast a target answers now. */
export interface Pace {
  /** Sum of the weights of the answers it is of. */
  readonly answers: number;
  readonly ttftMs: number | null;
  readonly msPerToken: number | null;
  /** How many times as long as the median the 95th percentile takes. */
  readonly tail: number | null;
}

/** Enough for a median, few enough to be sorted after every answer. */
const maxAnswers = 40;
/** What counts less than this says nothing any more. */
const minWeight = 0.05;
/** So many answers in a row tell a change from chance. */
const changeAnswers = 5;
/** A change is a median that is e to the power of this away, and this many standard deviations. */
const minChange = 0.5;
const changeDeviations = 1.7;
/** Logarithmic spread that is assumed, and how many answers that is worth. */
const assumedSpread = 0.4;
const assumedAnswers = 8;
/** Standard deviations between median and 95th percentile. */
const tailDeviations = 1.645;
/** An answer counts half as much after two minutes: what has changed is noticed otherwise. */
const halfLifeMs = 120_000;

interface Known {
  readonly atMs: number;
  readonly ttftMs: number;
  readonly msPerToken: number;
  readonly totalMs: number;
  readonly outputTokens: number;
}

/** The latest answers of a target: time to first token and time per token apart, so that short answers tell about long ones. */
export class TargetPace {
  #answers: Known[] = [];
  /** As it was last looked at; an answer that is like it is no sign of a change. */
  #usual: Usual | null = null;

  add({ atMs, ttftMs, totalMs, outputTokens }: TimedAnswer): void {
    const first = Math.min(totalMs, ttftMs ?? (totalMs * tokensPerAnswer) / (outputTokens + tokensPerAnswer));
    const msPerToken = (totalMs - first) / Math.max(1, outputTokens);
    const answer = { atMs, ttftMs: first, msPerToken, totalMs, outputTokens };
    this.#answers.push(answer);
    if (this.#answers.length > maxAnswers) this.#answers.shift();
    if (this.#usual !== null && Math.abs(residual(answer, this.#usual)) < minChange) return;
    if (this.#hasChanged()) this.#answers = this.#answers.slice(-changeAnswers);
  }

  at(nowMs: number): Pace {
    const weights = this.#answers.map(({ atMs }) => 0.5 ** (Math.max(0, nowMs - atMs) / halfLifeMs));
    const from = weights.findIndex((weight) => weight >= minWeight);
    if (from === -1) return { answers: 0, ttftMs: null, msPerToken: null, tail: null };
    const answers = this.#answers.slice(from);
    const usual = usualOf(answers, weights.slice(from));
    this.#usual = usual;
    let weight = 0;
    let squares = 0;
    for (const [index, answer] of answers.entries()) {
      const own = weights[from + index] as number;
      weight += own;
      squares += own * residual(answer, usual) ** 2;
    }
    const spread = Math.sqrt((squares + assumedAnswers * assumedSpread ** 2) / (weight + assumedAnswers));
    return { answers: weight, ...usual, tail: Math.exp(tailDeviations * spread) };
  }

  /** Whether the latest answers are of another world than those before. */
  #hasChanged(): boolean {
    const before = this.#answers.slice(0, -changeAnswers);
    if (before.length < changeAnswers) return false;
    const usual = usualOf(before, null);
    const deviation = Math.sqrt(before.reduce((sum, answer) => sum + residual(answer, usual) ** 2, 0) / before.length);
    const latest = this.#answers.slice(-changeAnswers).map((answer) => residual(answer, usual));
    const median = latest.sort((left, right) => left - right)[changeAnswers >> 1] as number;
    return Math.abs(median) > Math.max(minChange, changeDeviations * deviation);
  }
}

interface Usual {
  readonly ttftMs: number;
  readonly msPerToken: number;
}

/** The pace of a long answer says more about the time per token than that of a short one. */
const fullTokens = 50;

function usualOf(answers: readonly Known[], weights: readonly number[] | null): Usual {
  const weightOf = (index: number) => weights?.[index] ?? 1;
  for (const [index, { ttftMs }] of answers.entries()) sorted.insert(index, ttftMs, weightOf(index));
  const ttftMs = sorted.median(answers.length);
  for (const [index, { msPerToken, outputTokens }] of answers.entries())
    sorted.insert(index, msPerToken, weightOf(index) * Math.min(1, (outputTokens + 1) / fullTokens));
  return { ttftMs, msPerToken: sorted.median(answers.length) };
}

/** The logarithm of how many times the usual an answer took. */
function residual({ totalMs, outputTokens }: Known, { ttftMs, msPerToken }: Usual): number {
  return Math.log((totalMs + 1) / (ttftMs + msPerToken * outputTokens + 1));
}

/** A few values in order, with their weights. Used after every answer, so it makes no garbage. */
class SortedValues {
  readonly #values = new Float64Array(maxAnswers + 1);
  readonly #weights = new Float64Array(maxAnswers + 1);

  /** Among the `count` that are there; equal ones stay in the order in which they came. */
  insert(count: number, value: number, weight: number): void {
    let at = count;
    for (; at > 0 && (this.#values[at - 1] as number) > value; at--) {
      this.#values[at] = this.#values[at - 1] as number;
      this.#weights[at] = this.#weights[at - 1] as number;
    }
    this.#values[at] = value;
    this.#weights[at] = weight;
  }

  /** Half of the weight lies below it, half above. 0 when there is none. */
  median(count: number): number {
    let half = 0;
    for (let at = 0; at < count; at++) half += (this.#weights[at] as number) / 2;
    for (let at = 0; at < count; at++) {
      half -= this.#weights[at] as number;
      if (half <= 1e-12) return this.#values[at] as number;
    }
    return 0;
  }
}

const sorted = new SortedValues();
