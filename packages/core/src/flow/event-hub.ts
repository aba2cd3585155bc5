import type { VibeEvents } from '../spec/vibe.js';

type Listener<K extends keyof VibeEvents> = (event: VibeEvents[K]) => void;

/** Tells listeners what happens in calls. A listener that throws cannot break a call: its error is reported as a warning. */
export class EventHub {
  readonly #listeners = new Map<keyof VibeEvents, Set<Listener<never>>>();

  /** Returns a function that removes the listener. */
  on<K extends keyof VibeEvents>(type: K, listener: Listener<K>): () => void {
    const listeners = this.#listeners.get(type) ?? new Set();
    this.#listeners.set(type, listeners);
    listeners.add(listener as Listener<never>);
    return () => void listeners.delete(listener as Listener<never>);
  }

  emit<K extends keyof VibeEvents>(type: K, event: VibeEvents[K]): void {
    const listeners = this.#listeners.get(type);
    if (listeners === undefined) return;
    for (const listener of [...listeners]) {
      try {
        (listener as Listener<K>)(event);
      } catch (thrown) {
        if (type !== 'warning') this.emit('warning', listenerFailed(type, thrown));
      }
    }
  }
}

function listenerFailed(type: string, thrown: unknown): VibeEvents['warning'] {
  const message = `A listener of '${type}' threw: ${thrown instanceof Error ? thrown.message : String(thrown)}`;
  return { callId: null, warning: { code: 'listener_failed', message } };
}
