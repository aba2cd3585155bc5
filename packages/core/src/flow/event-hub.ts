import type { VibeEvents } from '../spec/vibe.js';
import { tried } from './tried.js';

type Listener<K extends keyof VibeEvents> = (event: VibeEvents[K]) => void;

/** Warnings from before anybody could listen (a plugin's at `createVibe`); more than these nobody would read. */
const maxEarlyWarnings = 100;

/** Tells listeners what happens in calls. A listener that throws cannot break a call: its error is reported as a warning. */
export class EventHub {
  readonly #listeners = new Map<keyof VibeEvents, Set<Listener<never>>>();

  /** The client's own: debug output and telemetry. Null while there are none. */
  #observers: Map<keyof VibeEvents, Listener<never>[]> | null = null;

  /** Null once somebody has listened. */
  #earlyWarnings: VibeEvents['warning'][] | null = [];

  /** Returns a function that removes the listener. The first listener for warnings also gets those that came before it. */
  on<K extends keyof VibeEvents>(type: K, listener: Listener<K>): () => void {
    const listeners = this.#listeners.get(type) ?? new Set();
    this.#listeners.set(type, listeners);
    listeners.add(listener as Listener<never>);
    if (type === 'warning') this.#tellEarlyWarnings();
    return () => void listeners.delete(listener as Listener<never>);
  }

  /** Listens for the client itself, before everybody else. Warnings from before stay for the first real listener. */
  observe<K extends keyof VibeEvents>(type: K, observer: Listener<K>): void {
    this.#observers ??= new Map();
    const observers = this.#observers.get(type) ?? [];
    this.#observers.set(type, observers);
    observers.push(observer as Listener<never>);
  }

  emit<K extends keyof VibeEvents>(type: K, event: VibeEvents[K]): void {
    if (this.#observers !== null) this.#tell(type, event, this.#observers.get(type) ?? []);
    const listeners = this.#listeners.get(type);
    if (listeners === undefined) {
      const early = type === 'warning' ? this.#earlyWarnings : null;
      if (early !== null && early.length < maxEarlyWarnings) early.push(event as VibeEvents['warning']);
      return;
    }
    this.#tell(type, event, [...listeners]);
  }

  #tell<K extends keyof VibeEvents>(type: K, event: VibeEvents[K], listeners: readonly Listener<never>[]): void {
    for (const listener of listeners) {
      const tell = listener as (event: VibeEvents[K]) => unknown;
      tried(
        () => tell(event),
        (thrown) => this.#failed(type, thrown),
      );
    }
  }

  #failed(type: keyof VibeEvents, thrown: unknown): void {
    if (type !== 'warning') this.emit('warning', listenerFailed(type, thrown));
  }

  #tellEarlyWarnings(): void {
    const early = this.#earlyWarnings ?? [];
    this.#earlyWarnings = null;
    for (const warning of early) this.#tell('warning', warning, [...(this.#listeners.get('warning') ?? [])]);
  }
}

function listenerFailed(type: string, thrown: unknown): VibeEvents['warning'] {
  const message = `A listener of '${type}' threw: ${thrown instanceof Error ? thrown.message : String(thrown)}`;
  return { callId: null, warning: { code: 'listener_failed', message } };
}
