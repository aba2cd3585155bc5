import type { ErrorCode } from './error-code.js';
import type { Cost } from './money.js';
import type { AttemptRecord } from './response.js';
import type { Target } from './target.js';
import type { Usage } from './usage.js';

/** What every VibeError carries. The class is `VibeError`; this is its shape for types that must not import code. */
export interface VibeErrorLike extends Error {
  readonly code: ErrorCode;
  /** Whether the same call may work when it is made again. */
  readonly retryable: boolean;
  /** How long to wait before that, when known. */
  readonly retryAfterMs?: number | undefined;
  /** HTTP status of the provider's answer. */
  readonly status?: number | undefined;
  readonly target?: Target | undefined;
  readonly requestId?: string | undefined;
  readonly callId?: string | undefined;
  readonly attempts: readonly AttemptRecord[];
  /** What was consumed all the same. */
  readonly usage: Usage | null;
  readonly cost: Cost | null;
  /** What to do next, one step per entry. */
  readonly next: readonly string[];
  readonly details: Readonly<Record<string, unknown>>;
  /** A JSON-safe copy without secrets. */
  toJSON(): Record<string, unknown>;
}
