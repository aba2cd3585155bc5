import { VibeError } from '../errors/vibe-error.js';
import { untilAborted } from '../flow/abort.js';
import { Cancellation } from '../flow/cancellation.js';
import type { Candidate } from '../flow/live-call.js';
import { tokenDemand } from '../flow/token-demand.js';
import { describeTarget } from '../policies/target-key.js';
import type { Limiter, Permit } from '../spec/limiter.js';
import type { Call } from '../spec/middleware.js';
import type { VibeOptions } from '../spec/options.js';
import type { ProviderCall } from '../spec/provider.js';
import type { Warning } from '../spec/response.js';
import type { Quantities } from '../spec/usage.js';

/** What a service has counted, or why it has not. Null: it cannot count this, and nobody needs to know. */
export type TokenCount = { readonly quantities: Quantities } | { readonly warning: Warning } | null;

const defaultTimeoutMs = 2_000;

/** Asks services to count the tokens of a chat, where that is wanted: `defaults.countTokens`. */
export class TokenCounts {
  readonly #limiter: Limiter;
  readonly #isDefault: boolean;
  readonly #isDryRun: boolean;
  readonly #timeoutMs: number;

  constructor(limiter: Limiter, { defaults = {}, dryRun = false }: VibeOptions) {
    this.#limiter = limiter;
    this.#isDefault = defaults.countTokens ?? false;
    this.#isDryRun = dryRun;
    this.#timeoutMs = defaults.countTimeoutMs ?? defaultTimeoutMs;
  }

  /** An estimate sends nothing unless its own request says so; a dry run never does. */
  wants(call: Call, isCall: boolean): boolean {
    if (call.operation !== 'chat' || this.#isDryRun || call.request.dryRun === true) return false;
    return call.request.countTokens ?? (isCall && this.#isDefault);
  }

  /** Rejects only when the call itself has ended. */
  async of(call: Call, candidate: Candidate): Promise<TokenCount> {
    const { provider, option } = candidate;
    // What is down, or being tried, is not asked for anything else.
    if (provider.countTokens === undefined || option.circuit !== 'closed') return null;
    const cancellation = new Cancellation();
    const leave = cancellation.follow(call.signal);
    const timer = setTimeout(() => cancellation.abort(tooSlow(this.#timeoutMs)), this.#timeoutMs);
    try {
      const counted = await this.#counted(call, candidate, cancellation);
      return counted === null ? null : { quantities: checked(counted) };
    } catch (thrown) {
      if (call.signal.aborted) throw thrown;
      return { warning: notCounted(candidate, VibeError.from(thrown)) };
    } finally {
      clearTimeout(timer);
      leave();
    }
  }

  /** One request more counts as one: it takes a permit, but neither it nor its call ever waits for that. */
  async #counted(call: Call, candidate: Candidate, cancellation: Cancellation): Promise<Quantities | null> {
    const { signal } = cancellation;
    const { provider, option, target, limits } = candidate;
    const both = { requests: 2, tokens: tokenDemand(call, candidate) };
    const { nextFreeInMs } = await this.#limiter.peek(target, { limits, demand: both });
    if (nextFreeInMs > 0) throw new VibeError('rate_limited', 'the rate limits have no room for one request more.');
    const acquiring = this.#limiter.acquire(target, { requests: 1, tokens: 0 }, { limits, maxWaitMs: 0, signal });
    const permit = await untilAborted(acquiring, cancellation, (late: Permit) => late.release({ dispatched: false }));
    try {
      const { maxOutputTokens } = option.cost;
      const request =
        call.operation === 'chat' && maxOutputTokens !== null ? { ...call.request, maxOutputTokens } : call.request;
      const counting = provider.countTokens?.({
        operation: call.operation,
        request,
        endpoint: option.endpoint,
        model: option.manifest,
        incremental: false,
        signal,
        timeout: { connectMs: this.#timeoutMs },
      } as ProviderCall);
      // A provider that does not hear the signal must not hold the call.
      return await untilAborted(Promise.resolve(counting ?? null), cancellation, () => undefined);
    } finally {
      permit.release({ dispatched: true });
    }
  }
}

/** A bill is not held on nonsense. */
function checked(quantities: Quantities): Quantities {
  const counts = Object.values(quantities);
  if (counts.length > 0 && counts.every((count) => Number.isSafeInteger(count) && (count ?? -1) >= 0))
    return quantities;
  throw new VibeError('invalid_response', 'the count is no number of tokens.');
}

function tooSlow(timeoutMs: number): VibeError {
  return new VibeError('timeout', `it took longer than ${timeoutMs} ms (defaults.countTimeoutMs).`);
}

function notCounted({ target }: Candidate, { code, message }: VibeError): Warning {
  return {
    code: 'tokens_not_counted',
    message: `${describeTarget(target)} did not count the tokens of this call (${code}: ${message}) The estimate stands.`,
    details: { target, code },
  };
}
