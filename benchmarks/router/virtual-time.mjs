/**
 * A clock that jumps from event to event: 20 minutes of traffic take seconds, and every run is the same. Timers of this
 * thread run on it; threads of their own (the ledger's) work in real time, and the clock stands still until they are done.
 */
export class VirtualTime {
  #heap = [];
  #sequence = 0;
  #real = { setTimeout: globalThis.setTimeout, clearTimeout: globalThis.clearTimeout };
  /** Work in other threads that has not come back. */
  pending = 0;
  /** Turns of the event loop without news after which nothing more happens; a thread's answer takes another one. */
  #turns = 1;

  constructor(startMs) {
    this.nowMs = startMs;
  }

  install() {
    globalThis.setTimeout = (run, ms = 0, ...args) => this.#add(this.nowMs + Math.max(0, ms), () => run(...args));
    globalThis.clearTimeout = (timer) => {
      if (timer?.isVirtual === true) timer.run = null;
      else this.#real.clearTimeout(timer);
    };
  }

  uninstall() {
    Object.assign(globalThis, this.#real);
  }

  at(ms, run) {
    this.#add(ms, run);
  }

  wait(ms, signal) {
    return new Promise((resolve, reject) => {
      const leave = () => {
        timer.run = null;
        reject(signal.reason);
      };
      const timer = this.#add(this.nowMs + ms, () => {
        signal?.removeEventListener('abort', leave);
        resolve();
      });
      signal?.addEventListener('abort', leave, { once: true });
    });
  }

  /** Watches a promise that another thread keeps. */
  track(promise) {
    this.#turns = 2;
    this.pending++;
    return promise.finally(() => {
      this.pending--;
    });
  }

  /** Runs until `isOver`. */
  async run(isOver) {
    for (;;) {
      await this.#quiet();
      if (isOver()) return;
      const next = this.#pop();
      if (next === undefined) throw new Error('The simulation stands still: nothing is left to happen.');
      if (next.run === null) continue;
      this.nowMs = Math.max(this.nowMs, next.atMs);
      next.run();
    }
  }

  /** Everything that can happen at this moment has happened. */
  async #quiet() {
    let quietTurns = 0;
    while (quietTurns < this.#turns) {
      await new Promise(setImmediate);
      quietTurns = this.pending === 0 ? quietTurns + 1 : 0;
    }
  }

  #add(atMs, run) {
    const timer = { atMs, run, sequence: this.#sequence++, isVirtual: true, ref: () => timer, unref: () => timer };
    const heap = this.#heap;
    let index = heap.push(timer) - 1;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!isEarlier(timer, heap[parent])) break;
      heap[index] = heap[parent];
      index = parent;
    }
    heap[index] = timer;
    return timer;
  }

  #pop() {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (heap.length === 0) return first;
    let index = 0;
    for (;;) {
      let child = 2 * index + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isEarlier(heap[child + 1], heap[child])) child++;
      if (!isEarlier(heap[child], last)) break;
      heap[index] = heap[child];
      index = child;
    }
    heap[index] = last;
    return first;
  }
}

const isEarlier = (left, right) =>
  left.atMs < right.atMs || (left.atMs === right.atMs && left.sequence < right.sequence);
