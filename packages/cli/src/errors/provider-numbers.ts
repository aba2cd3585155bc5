import type { AttemptRecord, VibeError } from '@vibe/core';
import { seconds } from '../output/time.js';
import { routeName } from '../routes.js';
import type { NumberLine } from './error-text.js';

/** More would bury the first. */
const maxAttempts = 6;

/** What an answer of a provider, and the attempts before it, came to: where, with which status, after how long. */
export function providerNumbers({ attempts, retryAfterMs, requestId }: VibeError): readonly NumberLine[] {
  // Before the first attempt there is nothing to tell.
  if (attempts.length === 0) return [];
  const shown = attempts.slice(-maxAttempts);
  return [
    ...(shown.length < attempts.length ? [['attempts', `${attempts.length}, the last ${maxAttempts}:`] as const] : []),
    ...shown.map((attempt): NumberLine => [`attempt ${attempt.attempt}`, attemptText(attempt)]),
    ...(retryAfterMs === undefined ? [] : [['try again', `in ${seconds(retryAfterMs)}, says the provider`] as const]),
    ...(requestId === undefined ? [] : [['request', requestId] as const]),
  ];
}

function attemptText({ target, errorCode, httpStatus, totalMs, status }: AttemptRecord): string {
  const parts = [
    target === null ? null : routeName(target),
    errorCode ?? status,
    httpStatus === null ? null : `HTTP ${httpStatus}`,
    totalMs === null ? null : `after ${seconds(totalMs)}`,
  ];
  return parts.filter((part) => part !== null).join(' · ');
}
