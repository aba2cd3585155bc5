import { Verbosity } from '../policies/answer-lengths.js';
import { FadedWeight } from '../policies/faded-weight.js';
import { TargetPace, type TimedAnswer } from '../policies/target-pace.js';
import type { OwnSample } from '../spec/router.js';
import { Scarcity } from './scarcity.js';

/** An attempt counts half as much after a minute, as in the statistics of a ledger. */
const halfLifeMs = 60_000;
/** What is known of the length of its answers fades more slowly: a model changes less often than its load. */
const verbosityHalfLifeMs = 600_000;
/** How old a sample may be that is given again, and one that new answers may have changed a little. */
const maxAgeMs = 1_000;
const maxBusyAgeMs = 100;
/** One answer more or less than so many makes hardly a difference. */
const manyAnswers = 10;
/** How fast an old ratio of the input is forgotten: caches fill and empty. */
const newestShare = 0.1;
/** Estimates of the input lean to the safe side: what is dearer than this had another price when it began. */
const maxInputRatio = 1.2;

/** What this process has seen of one target. */
export class OwnTarget {
  readonly verbosity = new Verbosity();
  readonly #scarcity = new Scarcity();
  readonly #calls = new FadedWeight(halfLifeMs);
  readonly #failed = new FadedWeight(halfLifeMs);
  readonly #pace = new TargetPace();
  #inputRatio: number | null = null;
  #unanswered = 0;
  #answeredAtMs = 0;
  #sample: OwnSample | null = null;
  #sampledAtMs = 0;
  #hasNews = false;

  leaves(): void {
    this.#unanswered++;
    this.#hasNews = true;
  }

  arrives(): void {
    this.#unanswered--;
    this.#hasNews = true;
  }

  ended(ok: boolean, nowMs: number): void {
    this.#calls.add(1, nowMs);
    if (!ok) this.#failed.add(1, nowMs);
    // A failure is looked at by the very next call.
    if (!ok) this.#sample = null;
    this.#hasNews = true;
  }

  answered(answer: TimedAnswer): void {
    this.#answeredAtMs = answer.atMs;
    this.#pace.add(answer);
    this.#hasNews = true;
  }

  /** A call found no room here and costs so much more elsewhere. */
  missed(savingNanoUsd: number, nowMs: number): void {
    this.#scarcity.missed(savingNanoUsd, nowMs);
    this.#hasNews = true;
  }

  /** What its input cost, as a multiple of what was estimated. */
  paidForInput(ratio: number): void {
    if (ratio > maxInputRatio) return;
    const before = this.#inputRatio ?? ratio;
    this.#inputRatio = before + (ratio - before) * newestShare;
  }

  /** Forgets its failures. */
  forgive(): void {
    this.#failed.clear();
    this.#sample = null;
  }

  sample(nowMs: number): OwnSample {
    const sample = this.#sample;
    const ageMs = nowMs - this.#sampledAtMs;
    if (sample !== null && ageMs <= maxAgeMs) {
      if (!this.#hasNews || (sample.answers >= manyAnswers && ageMs < maxBusyAgeMs)) return sample;
    }
    this.#sample = this.#sampleAt(nowMs);
    this.#sampledAtMs = nowMs;
    this.#hasNews = false;
    return this.#sample;
  }

  #sampleAt(nowMs: number): OwnSample {
    const calls = this.#calls.at(nowMs);
    const { ratio, answers } = this.verbosity;
    return {
      calls,
      failRate: calls === 0 ? 0 : Math.min(1, this.#failed.at(nowMs) / calls),
      ...this.#pace.at(nowMs),
      verbosity: ratio ** (0.5 ** (Math.max(0, nowMs - this.#answeredAtMs) / verbosityHalfLifeMs)),
      comparedAnswers: answers,
      inputRatio: this.#inputRatio,
      unanswered: this.#unanswered,
      reserveNanoUsd: Math.round(this.#scarcity.reserveNanoUsd(nowMs)),
    };
  }
}
