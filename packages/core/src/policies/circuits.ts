import type { BreakerOptions } from '../spec/options.js';
import type { CircuitStatus } from '../spec/router.js';
import type { Target } from '../spec/target.js';
import { isInFuture } from './age.js';
import { type Admission, Circuit } from './circuit.js';
import { describeTarget } from './target-key.js';

/** Bounds the map: more model × endpoint pairs than a process ever has in use. */
const maxCircuits = 10_000;

/** A circuit that has changed. */
export interface CircuitChange {
  readonly target: Target;
  readonly from: CircuitStatus;
  readonly to: CircuitStatus;
  /** Null unless `to` is open. */
  readonly openUntilMs: number | null;
  /** Another process has found it out. */
  readonly adopted: boolean;
}

/** What another process has found out about a circuit. */
export interface CircuitNews {
  readonly state: 'open' | 'closed';
  readonly openUntilMs: number;
  readonly atMs: number;
}

/** All circuits of a client. The key is model @ endpoint: a dead model says nothing about its neighbours. */
export class Circuits {
  readonly #circuits = new Map<string, Circuit>();
  readonly #options: BreakerOptions;
  readonly #changed: (change: CircuitChange) => void;
  #news: ReadonlyMap<string, CircuitNews> = new Map();

  constructor(options: BreakerOptions, changed: (change: CircuitChange) => void) {
    this.#options = options;
    this.#changed = changed;
  }

  /** How a circuit is named between processes. */
  static keyOf(target: Target): string {
    return describeTarget(target);
  }

  get probes(): number {
    return this.#options.probes ?? 1;
  }

  /** What other processes know, by `keyOf`. It is taken over when a circuit is next looked at. */
  learn(news: ReadonlyMap<string, CircuitNews>): void {
    this.#news = news;
  }

  /** `key` spares making the one of `keyOf` again. */
  status(target: Target, nowMs: number, key = Circuits.keyOf(target)): CircuitStatus {
    this.#adopt(target, nowMs, key);
    return this.#circuits.get(key)?.status(nowMs) ?? 'closed';
  }

  /** When the circuit last closed after it had been open; null when it has not, or when it is not closed. */
  closedAtMs(key: string): number | null {
    return this.#circuits.get(key)?.closedAtMs ?? null;
  }

  enter(target: Target, nowMs: number): Admission {
    this.#adopt(target, nowMs);
    return this.#change(target, nowMs, (circuit) => circuit.enter(nowMs));
  }

  success(target: Target, probe: boolean, nowMs: number, begunIn?: number): void {
    this.#change(target, nowMs, (circuit) => circuit.success(probe, nowMs, begunIn));
  }

  /** The attempt has begun to answer. What it returns is handed over when it ends. */
  began(target: Target): number | undefined {
    return this.#circuits.get(Circuits.keyOf(target))?.began();
  }

  failure(target: Target, probe: boolean, nowMs: number, begunIn?: number): void {
    this.#change(target, nowMs, (circuit) => circuit.failure(probe, nowMs, begunIn));
  }

  giveBack(target: Target, probe: boolean, begunIn?: number): void {
    this.#circuits.get(Circuits.keyOf(target))?.giveBack(probe, begunIn);
  }

  #adopt(target: Target, nowMs: number, key = Circuits.keyOf(target)): void {
    if (this.#news.size === 0) return;
    const news = this.#news.get(key);
    if (news === undefined) return;
    const { state, openUntilMs, atMs } = news;
    if (isInFuture(atMs, nowMs)) return;
    this.#change(target, nowMs, (circuit) => circuit.adopt(state, openUntilMs, atMs), true);
  }

  #change<T>(target: Target, nowMs: number, act: (circuit: Circuit) => T, adopted = false): T {
    const circuit = this.#circuitOf(target);
    // An open one is half open from its first probe on, not from when it is first looked at after its time.
    const statusNow = () => (circuit.openUntilMs === null ? circuit.status(nowMs) : 'open');
    const from = statusNow();
    const result = act(circuit);
    const to = statusNow();
    if (from !== to) this.#changed({ target, from, to, openUntilMs: circuit.openUntilMs, adopted });
    return result;
  }

  #circuitOf(target: Target): Circuit {
    const key = Circuits.keyOf(target);
    let circuit = this.#circuits.get(key);
    if (circuit === undefined) {
      if (this.#circuits.size >= maxCircuits) this.#circuits.clear();
      circuit = new Circuit(this.#options);
      this.#circuits.set(key, circuit);
    }
    return circuit;
  }
}
