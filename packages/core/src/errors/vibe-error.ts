import type { ErrorCode } from '../spec/error-code.js';
import type { Cost } from '../spec/money.js';
import type { AttemptRecord } from '../spec/response.js';
import type { Target } from '../spec/target.js';
import type { Usage } from '../spec/usage.js';
import type { VibeErrorLike } from '../spec/vibe-error.js';
import { failurePolicy } from './failure-policy.js';
import { redact, redactDeep } from './redact.js';

const marker = Symbol.for('vibe.error');

/** What a thrower may say beyond code and message. */
export interface VibeErrorFields {
  /** Default: the `retry` column of the failure table. */
  readonly retryable?: boolean;
  readonly retryAfterMs?: number | undefined;
  readonly status?: number | undefined;
  readonly target?: Target | undefined;
  readonly requestId?: string | undefined;
  /** True when the request may have reached the provider's model although the code alone would not say so (a reset after sending). */
  readonly mayBeBilled?: boolean;
  readonly next?: readonly string[];
  readonly details?: Readonly<Record<string, unknown>>;
  readonly cause?: unknown;
}

/** The one error class. `code` says what happened, `message` also why and what to do next. */
export class VibeError extends Error implements VibeErrorLike {
  override readonly name = 'VibeError';
  readonly code: ErrorCode;
  readonly retryable: boolean;
  readonly retryAfterMs: number | undefined;
  readonly status: number | undefined;
  readonly requestId: string | undefined;
  readonly mayBeBilled: boolean;
  readonly next: readonly string[];
  readonly details: Readonly<Record<string, unknown>>;
  // Filled in by the chain, which knows the call; empty for errors thrown outside of one.
  target: Target | undefined;
  callId: string | undefined;
  attempts: readonly AttemptRecord[] = [];
  usage: Usage | null = null;
  cost: Cost | null = null;

  constructor(code: ErrorCode, message: string, fields: VibeErrorFields = {}) {
    super(redact(message), fields.cause === undefined ? undefined : { cause: fields.cause });
    Object.defineProperty(this, marker, { value: true });
    this.code = code;
    this.retryable = fields.retryable ?? failurePolicy[code].retry;
    this.retryAfterMs = fields.retryAfterMs;
    this.status = fields.status;
    this.target = fields.target;
    this.requestId = fields.requestId;
    this.mayBeBilled = fields.mayBeBilled ?? failurePolicy[code].mayBeBilled;
    this.next = fields.next ?? [];
    this.details = fields.details ?? {};
  }

  /** True for every VibeError, with a code for those of this code; also for one from another copy of the package. */
  static is<Code extends ErrorCode = ErrorCode>(
    error: unknown,
    code?: Code,
  ): error is VibeError & { readonly code: Code } {
    if (typeof error !== 'object' || error === null || !(marker in error)) return false;
    return code === undefined || (error as unknown as VibeError).code === code;
  }

  /** Any thrown value as a VibeError; what is none becomes `code` with the original as its cause. */
  static from(error: unknown, code: ErrorCode = 'internal'): VibeError {
    if (VibeError.is(error)) return error;
    const message = error instanceof Error ? error.message : String(error);
    return new VibeError(code, message, { cause: error });
  }

  toJSON(): Record<string, unknown> {
    return {
      name: this.name,
      code: this.code,
      message: this.message,
      retryable: this.retryable,
      retryAfterMs: this.retryAfterMs ?? null,
      status: this.status ?? null,
      target: this.target ?? null,
      requestId: this.requestId ?? null,
      callId: this.callId ?? null,
      attempts: this.attempts,
      usage: this.usage,
      cost: this.cost,
      next: this.next.map(redact),
      details: redactDeep(this.details),
      cause: causeText(this.cause),
    };
  }
}

function causeText(cause: unknown): string | null {
  if (cause === undefined) return null;
  return redact(cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause));
}
