import type { BreakerOptions } from '../spec/options.js';
import type { CircuitStatus } from '../spec/router.js';
import type { Target } from '../spec/target.js';
import { type Admission, Circuit } from './circuit.js';
import { targetKey } from './target-key.js';

/** Bounds the map: more model × endpoint pairs than a process ever has in use. */
const maxCircuits = 10_000;

/** All circuits of a client. The key is model @ endpoint: a dead model says nothing about its neighbours. */
export class Circuits {
  readonly #circuits = new Map<string, Circuit>();
  readonly #options: BreakerOptions;
  readonly #changed: (target: Target, from: CircuitStatus, to: CircuitStatus) => void;

  constructor(options: BreakerOptions, changed: (target: Target, from: CircuitStatus, to: CircuitStatus) => void) {
    this.#options = options;
    this.#changed = changed;
  }

  status(target: Target, nowMs: number): CircuitStatus {
    return this.#circuits.get(targetKey(target))?.status(nowMs) ?? 'closed';
  }

  enter(target: Target, nowMs: number): Admission {
    return this.#change(target, nowMs, (circuit) => circuit.enter(nowMs));
  }

  success(target: Target, probe: boolean, nowMs: number): void {
    this.#change(target, nowMs, (circuit) => circuit.success(probe, nowMs));
  }

  failure(target: Target, probe: boolean, nowMs: number): void {
    this.#change(target, nowMs, (circuit) => circuit.failure(probe, nowMs));
  }

  giveBack(target: Target, probe: boolean): void {
    this.#circuits.get(targetKey(target))?.giveBack(probe);
  }

  #change<T>(target: Target, nowMs: number, act: (circuit: Circuit) => T): T {
    const circuit = this.#circuitOf(target);
    const from = circuit.openUntilMs === null ? circuit.status(nowMs) : 'open';
    const result = act(circuit);
    const to = circuit.status(nowMs);
    if (from !== to) this.#changed(target, from, to);
    return result;
  }

  #circuitOf(target: Target): Circuit {
    const key = targetKey(target);
    let circuit = this.#circuits.get(key);
    if (circuit === undefined) {
      if (this.#circuits.size >= maxCircuits) this.#circuits.clear();
      circuit = new Circuit(this.#options);
      this.#circuits.set(key, circuit);
    }
    return circuit;
  }
}
