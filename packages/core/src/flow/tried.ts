import { isPromise } from './is-promise.js';

/**
 * Tells a plugin or a listener something that nobody waits for. `failed` hears of what it throws, and of a promise that it
 * returns although nobody asked for one: left alone, its rejection would end the program.
 */
export function tried(tell: () => unknown, failed: (thrown: unknown) => void): void {
  try {
    const told = tell();
    if (isPromise(told)) told.then(undefined, failed);
  } catch (thrown) {
    failed(thrown);
  }
}
