import { FadedWeight } from '../policies/faded-weight.js';

/** What once was scarce is so half as much after a minute: rate limits are per minute. */
const halfLifeMs = 60_000;
/** How fast the price of a permit rises with every call that finds none. */
const riseShare = 0.1;

/**
 * What a permit of a rate-limited target is worth, as an auction would find out: every call that would have saved more than
 * that and found no room raises it, time lowers it. Who saves less goes elsewhere and leaves the room to those that save more.
 */
export class Scarcity {
  readonly #reserve = new FadedWeight(halfLifeMs);

  /** What a call must save at least, in nano-USD. 0: there is room for all. */
  reserveNanoUsd(nowMs: number): number {
    return this.#reserve.at(nowMs);
  }

  /** A call found no room and went on to a candidate that is expected to cost so much more. */
  missed(savingNanoUsd: number, nowMs: number): void {
    const reserve = this.#reserve.at(nowMs);
    if (savingNanoUsd <= reserve) return;
    // The first step is a part of what was lost, as there is nothing yet to rise.
    const rise = Math.max(reserve, savingNanoUsd) * riseShare;
    this.#reserve.add(Math.min(rise, savingNanoUsd - reserve), nowMs);
  }
}
