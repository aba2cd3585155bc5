import { VibeError } from '@vibe/core';

/** How far a request had come when the network failed. */
export type RequestPhase = 'connect' | 'answer' | 'body';

/** Names of undici's errors that say that the answer is not proper HTTP, or too large. */
const unreadable = new Set(['HTTPParserError', 'HeadersOverflowError', 'ResponseExceededMaxSizeError']);

/**
 * A failure below HTTP as a VibeError. Before the connection stood nothing was sent, so nothing can be billed; a
 * connection lost after that may have been billed; an answer cut in its body is a truncated stream.
 */
export function networkError(error: unknown, phase: RequestPhase, service: string, url: string): VibeError {
  const code = errorCode(error);
  const place = `${service} at ${new URL(url).origin}`;
  const details = { networkCode: code ?? null, phase };
  if ((error instanceof Error && unreadable.has(error.name)) || isWronglyPacked(code)) {
    return new VibeError(
      'invalid_response',
      `${place} answered with something that is not readable HTTP (${describe(error)}).`,
      {
        details,
        cause: error,
        next: ['Check that baseUrl points to the service itself and not to a proxy or another port.'],
      },
    );
  }
  if (code === 'UND_ERR_INVALID_ARG') {
    return new VibeError('config', `The request to ${place} cannot be sent: ${describe(error)}.`, {
      details,
      cause: error,
      next: ['Correct the header, model name or baseUrl that the message names.'],
    });
  }
  if (phase === 'body') {
    return new VibeError(
      'stream_truncated',
      `${place} lost the connection in the middle of its answer (${describe(error)}).`,
      {
        details,
        cause: error,
        next: ['Make the call again; what was streamed so far may be billed.'],
      },
    );
  }
  if (phase === 'answer') {
    return new VibeError(
      'provider_unavailable',
      `${place} closed the connection before it answered (${describe(error)}).`,
      {
        mayBeBilled: true,
        details,
        cause: error,
        next: ['Make the call again; the request had been sent, so it may be billed.'],
      },
    );
  }
  if (code === 'UND_ERR_CONNECT_TIMEOUT') {
    return new VibeError('timeout', `No connection to ${place} within timeout.connectMs. Nothing was sent.`, {
      mayBeBilled: false,
      details,
      cause: error,
      next: ['Check the network and baseUrl, or raise timeout.connectMs.'],
    });
  }
  return new VibeError(
    'provider_unavailable',
    `No connection to ${place}: ${connectReason(code, error)}. Nothing was sent.`,
    {
      details,
      cause: error,
      next: ['Check the network, DNS and baseUrl.'],
    },
  );
}

/** As zlib names it; a packed body that was cut is a cut body. */
function isWronglyPacked(code: string | undefined): boolean {
  return code !== undefined && /^(Z_DATA_ERROR|ERR__ERROR_FORMAT)/.test(code);
}

function connectReason(code: string | undefined, error: unknown): string {
  if (code === 'ECONNREFUSED') return 'the connection was refused, nothing listens there (ECONNREFUSED)';
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return `the host name could not be resolved (${code})`;
  if (code !== undefined && /CERT|SSL|TLS|SIGNED|ALTNAME/.test(code)) return `the TLS handshake failed (${code})`;
  return describe(error);
}

function describe(error: unknown): string {
  const code = errorCode(error);
  const message = error instanceof Error ? error.message : String(error);
  return code === undefined || message.includes(code) ? message : `${message}, ${code}`;
}

/** The code of an error; of the first one where several addresses failed. */
function errorCode(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  if ('code' in error && typeof error.code === 'string') return error.code;
  return error instanceof AggregateError ? errorCode(error.errors[0]) : undefined;
}
