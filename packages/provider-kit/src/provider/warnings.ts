import type { Warning } from '@vibe/core';

/** A warning for a parameter that the provider cannot honour. `consequence` says what happens instead. */
export function unsupported(parameter: string, consequence: string): Warning {
  return { code: 'unsupported_parameter', message: `${parameter}: ${consequence}`, details: { parameter } };
}
