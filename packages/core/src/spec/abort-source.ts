export type AbortListener = (() => void) | { handleEvent(): void };

/** What an AbortSignal is for those who wait for its abort. Every AbortSignal is one. */
export interface AbortSource {
  readonly aborted: boolean;
  /** Undefined while it is not aborted. */
  readonly reason: unknown;
  /** The listener hears of an abort once, and not at all where that is over: look at `aborted` first. */
  addEventListener(type: 'abort', listener: AbortListener, options?: { readonly once?: boolean }): void;
  removeEventListener(type: 'abort', listener: AbortListener): void;
}
