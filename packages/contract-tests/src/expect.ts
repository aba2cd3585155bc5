import { AssertionError } from 'node:assert/strict';
import { type ErrorCode, VibeError } from '@vibe/core';

/** The VibeError a promise rejects with; fails when it resolves, or rejects with something else. */
export async function refused(promise: Promise<unknown>, ...codes: readonly ErrorCode[]): Promise<VibeError> {
  const thrown = await promise.then(
    () => null,
    (error: unknown) => ({ error }),
  );
  const expected = codes.length === 0 ? 'a VibeError' : `a VibeError with the code ${codes.join(' or ')}`;
  if (thrown === null) throw new AssertionError({ message: `expected ${expected}, but it succeeded` });
  const { error } = thrown;
  if (!VibeError.is(error))
    throw new AssertionError({ message: `expected ${expected}, got ${describeThrown(error)}`, actual: error });
  if (codes.length > 0 && !codes.includes(error.code)) {
    throw new AssertionError({
      message: `expected ${expected}, got ${error.code}: ${error.message}`,
      actual: error.code,
      expected: codes,
    });
  }
  return error;
}

export function describeThrown(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}

/**
 * Waits for an event, and fails with its name when it does not come. The time is no measurement: it only keeps a broken
 * subject from hanging the run.
 */
export async function within<T>(promise: Promise<T>, what: string, patienceMs: number): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new AssertionError({ message: `${what}: not within ${patienceMs} ms` })),
      patienceMs,
    );
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** The value, which must be there. */
export function present<T>(value: T | null | undefined, what: string): T {
  if (value === null || value === undefined) throw new AssertionError({ message: `${what} is missing` });
  return value;
}
