import type { VibeEvents } from '@vibe/core';
import type { Note } from '../wire.js';
import { h } from './dom.js';
import { seconds, targetName } from './format.js';

/** What a note says to the user; null: nothing that has to be told while the call runs. */
export function noticeText(note: Note): string | null {
  switch (note.type) {
    case 'retry':
      return `${targetName(note.event.target)} failed (${note.event.reason}): it is asked again in ${seconds(note.event.delayMs)}.`;
    case 'failover':
      return `${targetName(note.event.from)} failed (${note.event.reason}): ${targetName(note.event.to)} takes over.`;
    case 'downgrade':
      return `Downgraded from ${targetName(note.event.from)} to ${targetName(note.event.to)}: ${note.event.reason}`;
    default:
      return null;
  }
}

/** A wait for a rate limit: the place in line, the seconds counting down, and a way out. */
export class WaitNotice {
  readonly #element: HTMLElement;
  readonly #text = h('span');
  #untilMs = 0;
  #what = '';
  readonly #timer: ReturnType<typeof setInterval>;

  constructor(notices: HTMLElement, cancel: () => void) {
    const button = h('button', { type: 'button', onclick: cancel }, 'Cancel the wait');
    this.#element = h('div', { class: 'notice wait', role: 'status' }, this.#text, button);
    notices.append(this.#element);
    this.#timer = setInterval(() => this.#draw(), 500);
  }

  show({ target, waitMs, place }: VibeEvents['wait']): void {
    this.#untilMs = Date.now() + waitMs;
    this.#what = `Waiting for the rate limit of ${targetName(target)}: place ${place + 1} in line`;
    this.#draw();
  }

  remove(): void {
    clearInterval(this.#timer);
    this.#element.remove();
  }

  #draw(): void {
    const left = Math.ceil((this.#untilMs - Date.now()) / 1000);
    this.#text.textContent = left > 0 ? `${this.#what}, at most ${left} s.` : `${this.#what}, any moment now.`;
  }
}
