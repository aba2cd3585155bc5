/** Something that has heard from the network in this turn of the event loop. */
export interface Heard {
  /** Tells those who wait. Called once per turn. */
  deliver(): void;
}

/**
 * Hands on at the end of a turn of the event loop what all connections have brought in it. Reading from sockets and going
 * on with calls are two large pieces of code: a process with many calls at a time that switches between them with each
 * answer spends half of its time on filling the caches of the processor. A single call does not wait for anything.
 */
export class LoopTurn {
  #heard: Heard[] = [];
  #end: NodeJS.Immediate | null = null;
  #isMoving = false;

  add(heard: Heard): void {
    this.#heard.push(heard);
    this.#end ??= setImmediate(this.#deliver);
  }

  /**
   * Moves the end behind what undici does at the end of the same turn: it offers the connection of a complete answer
   * again. Requests that follow at once would otherwise each open a connection.
   */
  moveBack(): void {
    if (this.#isMoving) return;
    this.#isMoving = true;
    queueMicrotask(() => {
      this.#isMoving = false;
      if (this.#end === null) return;
      clearImmediate(this.#end);
      this.#end = setImmediate(this.#deliver);
    });
  }

  readonly #deliver = (): void => {
    const heard = this.#heard;
    this.#heard = [];
    this.#end = null;
    for (const each of heard) each.deliver();
  };
}
