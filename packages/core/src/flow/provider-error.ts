import { VibeError } from '../errors/vibe-error.js';

/** Anything a provider throws as a VibeError: an abort is `cancelled`, a network failure `provider_unavailable`, the rest a defect. */
export function providerError(thrown: unknown): VibeError {
  if (VibeError.is(thrown)) return thrown;
  if (!(thrown instanceof Error))
    return new VibeError('internal', String(thrown), { cause: thrown, mayBeBilled: true });
  if (thrown.name === 'AbortError') return new VibeError('cancelled', 'The request was aborted.', { cause: thrown });
  const code = networkCode(thrown) ?? networkCode(thrown.cause);
  // A provider that breaks down in the middle of its work has perhaps had its answer already.
  if (code === null) return new VibeError('internal', thrown.message, { cause: thrown, mayBeBilled: true });
  // Unless the connection was never made, nobody knows how far the request came.
  const refused = code === 'ECONNREFUSED' || code === 'ENOTFOUND' || code === 'EAI_AGAIN';
  return new VibeError('provider_unavailable', `The connection failed: ${code} ${thrown.message}`, {
    cause: thrown,
    mayBeBilled: !refused,
  });
}

function networkCode(error: unknown): string | null {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return null;
  return /^(E[A-Z]+|UND_ERR_[A-Z_]+)$/.test(error.code) && !error.code.startsWith('ERR_') ? error.code : null;
}
