import type { BudgetState } from '@vibe/core';
import { fill, h } from './dom.js';
import { duration, usd } from './format.js';

/** Above these shares of the limit a gauge warns; a word says so too, not the colour alone. */
const warnShare = 0.7;
const fullShare = 0.9;

/** A budget as a bar: what is spent, what running calls hold, and what is left. */
export class Gauge {
  readonly element: HTMLElement;
  readonly #spent = h('div', { class: 'spent' });
  readonly #held = h('div', { class: 'held' });
  readonly #meter: HTMLElement;
  readonly #numbers = h('p', { class: 'numbers' });
  readonly #word = h('span', { class: 'word' });

  constructor(name: string) {
    this.#meter = h(
      'div',
      { class: 'meter', role: 'meter', 'aria-label': name, 'aria-valuemin': 0 },
      this.#spent,
      this.#held,
    );
    this.element = h('div', { class: 'gauge' }, h('h3', {}, name, this.#word), this.#meter, this.#numbers);
  }

  show({ spentNanoUsd, heldNanoUsd, limitNanoUsd, remainingNanoUsd, resetsAt }: BudgetState): void {
    const share = (nanoUsd: number) => Math.min(1, limitNanoUsd === 0 ? 1 : nanoUsd / limitNanoUsd);
    const used = share(spentNanoUsd + heldNanoUsd);
    // However little was spent, it is seen; nothing is nothing.
    this.#spent.hidden = spentNanoUsd === 0;
    this.#spent.style.width = `${share(spentNanoUsd) * 100}%`;
    this.#held.style.width = `${(used - share(spentNanoUsd)) * 100}%`;
    this.element.dataset['level'] = used >= fullShare ? 'full' : used >= warnShare ? 'warn' : 'ok';
    this.#word.textContent = used >= fullShare ? 'nearly used up' : used >= warnShare ? 'getting low' : '';
    const numbers = [
      `${usd(spentNanoUsd)} spent`,
      `${usd(heldNanoUsd)} held`,
      `${usd(remainingNanoUsd)} left of ${usd(limitNanoUsd)}`,
    ];
    const reset = resetsAt === null ? '' : ` · resets in ${duration(Date.parse(resetsAt) - Date.now())}`;
    fill(this.#numbers, numbers.join(' · '), h('span', { class: 'reset' }, reset));
    this.#meter.setAttribute('aria-valuemax', String(limitNanoUsd));
    this.#meter.setAttribute('aria-valuenow', String(spentNanoUsd + heldNanoUsd));
    this.#meter.setAttribute('aria-valuetext', numbers.join(', '));
    Object.assign(this.element.dataset, { spent: spentNanoUsd, held: heldNanoUsd, limit: limitNanoUsd });
  }
}
