/** So near counts as being at the end. */
const nearPx = 80;

/**
 * Keeps the end of the conversation in sight while answers grow and pictures load, until the reader scrolls away. On wide
 * pages the list of messages scrolls, on narrow ones the whole page.
 */
export class EndOfLog {
  readonly #log: HTMLElement;
  readonly #below: HTMLElement;
  readonly #grown = new ResizeObserver(() => this.#follows && this.#show());
  #follows = true;

  constructor(log: HTMLElement, below: HTMLElement) {
    this.#log = log;
    this.#below = below;
    const look = () => {
      this.#follows = this.#isAtEnd();
    };
    log.addEventListener('scroll', look);
    document.addEventListener('scroll', look);
  }

  /** A new message is always shown. */
  follow(message: HTMLElement): void {
    this.#follows = true;
    this.#grown.observe(message);
    this.#show();
  }

  #isAtEnd(): boolean {
    const { scrollTop, scrollHeight, clientHeight } = this.#log;
    if (scrollHeight > clientHeight) return scrollHeight - scrollTop - clientHeight < nearPx;
    return Math.abs(this.#below.getBoundingClientRect().bottom - innerHeight) < nearPx;
  }

  #show(): void {
    this.#log.scrollTop = this.#log.scrollHeight;
    this.#below.scrollIntoView({ block: 'end' });
  }
}
