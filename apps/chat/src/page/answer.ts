import type { AttemptRecord, VibeEvents } from '@vibe/core';
import type { CallEvent, Failure, Media, Note, Receipt } from '../wire.js';
import { h } from './dom.js';
import { count, seconds, targetName, usageText, usd } from './format.js';
import { markdown } from './markdown.js';
import { noticeText, WaitNotice } from './notices.js';
import { refusalCard } from './refusal.js';
import { routeDetails } from './routes.js';

/** An answer is drawn anew at most this often while it grows. */
const drawEveryMs = 40;

export interface AnswerActions {
  cancel(): void;
  retryWith(model: string): void;
  /** Null: nothing to read aloud. */
  readonly speak: ((text: string, below: HTMLElement) => void) | null;
}

/** One answer, from the moment it is asked for: what happens on the way, the text, the media, and the line under it. */
export class Answer {
  readonly element: HTMLElement;
  text = '';
  readonly #actions: AnswerActions;
  readonly #notices = h('div', { class: 'notices' });
  readonly #body = h('div', { class: 'body' });
  readonly #foot = h('div', { class: 'foot' });
  #plan: VibeEvents['plan'] | null = null;
  readonly #attempts: AttemptRecord[] = [];
  #wait: WaitNotice | null = null;
  #timer: ReturnType<typeof setTimeout> | null = null;

  constructor(title: string, actions: AnswerActions) {
    this.#actions = actions;
    this.element = h(
      'article',
      { class: 'message assistant', 'aria-label': title, 'aria-busy': true },
      this.#notices,
      this.#body,
      this.#foot,
    );
    this.#foot.append(h('p', { class: 'receipt pending' }, 'Choosing a route …'));
  }

  tell(event: CallEvent): void {
    switch (event.type) {
      case 'delta':
        if (this.text === '') this.#pending('Answering …');
        this.text += event.text;
        this.#endWait();
        this.#timer ??= setTimeout(() => this.#draw(), drawEveryMs);
        break;
      case 'final':
        this.text = event.text;
        this.#final(event.receipt, event.media);
        break;
      case 'failure':
        this.#failed(event.failure);
        break;
      default:
        this.#note(event);
    }
  }

  #note(note: Note): void {
    if (note.type === 'plan') this.#plan = note.event;
    if (note.type === 'hold')
      this.#pending(
        `Held ${usd(note.event.amountNanoUsd)} for ${targetName(note.event.target)}; waiting for the first token …`,
      );
    if (note.type === 'attempt') {
      this.#attempts.push(note.event.record);
      this.#endWait();
    }
    if (note.type === 'wait') {
      this.#wait ??= new WaitNotice(this.#notices, this.#actions.cancel);
      this.#wait.show(note.event);
    }
    const text = noticeText(note);
    if (text !== null) this.#notices.append(h('p', { class: `notice ${note.type}`, role: 'status' }, text));
  }

  #pending(text: string): void {
    this.#foot.replaceChildren(h('p', { class: 'receipt pending' }, text));
  }

  #draw(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#body.replaceChildren();
    this.#body.append(...markdown(this.text).filter((child) => child !== null && child !== false));
  }

  #final(receipt: Receipt, media: readonly Media[]): void {
    this.#end();
    this.#body.append(...media.map((each) => mediaElement(each, this.element.ariaLabel ?? '')));
    for (const { message } of receipt.warnings) this.#notices.append(h('p', { class: 'notice' }, message));
    this.#foot.replaceChildren(receiptLine(receipt, media.length === 0));
    const { speak } = this.#actions;
    // biome-ignore lint/performance/useDomNodeTextContent: as it is shown, with a line between paragraphs and not nothing
    const spoken = this.#body.innerText.trim();
    if (speak !== null && spoken !== '') {
      const below = this.#foot;
      this.#foot.append(h('button', { type: 'button', class: 'small', onclick: () => speak(spoken, below) }, 'Speak'));
    }
    if (this.#plan !== null) this.#foot.append(why(routeDetails(this.#plan, receipt.attempts)));
  }

  #failed(failure: Failure): void {
    this.#end();
    this.#foot.replaceChildren(refusalCard(failure, this.#actions.retryWith));
    if (this.#plan !== null) this.#foot.append(why(routeDetails(this.#plan, this.#attempts)));
  }

  /** The line under the answer, or the title of the refusal. */
  get outcome(): string {
    return this.#foot.querySelector('.receipt, .card h3')?.textContent ?? '';
  }

  #end(): void {
    this.#endWait();
    this.#draw();
    this.element.removeAttribute('aria-busy');
  }

  #endWait(): void {
    this.#wait?.remove();
    this.#wait = null;
  }
}

/** `qwen-plus @ qwen/cn · first token 0.31 s · 31 in, 148 out · $0.000046 · 1 attempt` */
function receiptLine({ status, providerMeta, timing, usage, cost }: Receipt, isText: boolean): HTMLElement {
  const { ttftMs, totalMs, attempts } = timing;
  const money = usd(cost.actualNanoUsd);
  const stopped = status === 'cancelled' ? h('strong', {}, `Stopped, ${money} charged · `) : '';
  const facts = [
    targetName(providerMeta),
    isText && ttftMs !== null ? `first token ${seconds(ttftMs)}` : `${seconds(totalMs)} in all`,
    usageText(usage),
    ...(stopped === '' ? [money] : []),
    count(attempts, 'attempt'),
  ];
  return h('p', { class: 'receipt' }, stopped, facts.join(' · '));
}

function why(details: HTMLElement): HTMLElement {
  return h('details', {}, h('summary', {}, 'Why this route'), details);
}

function mediaElement({ kind, mediaType, base64 }: Media, title: string): HTMLElement {
  const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  const address = URL.createObjectURL(new Blob([bytes], { type: mediaType }));
  if (kind === 'image') return h('img', { src: address, alt: title });
  return h('audio', { src: address, controls: true, 'aria-label': title });
}
