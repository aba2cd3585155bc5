import type { Call } from '../spec/middleware.js';

/** What kind of request a call is, as far as the length of its answer goes: those of one shape are compared with each other. */
export function shapeOf({ operation, request }: Call, inputTokens: number): string {
  const tier = request.minTier ?? '';
  if (operation !== 'chat') return `${operation} ${tier}`;
  const { maxOutputTokens = 0, output, tools, reasoning } = request;
  const asked = `${output === undefined ? '' : 'o'}${tools === undefined ? '' : 't'}${reasoning === undefined ? '' : 'r'}`;
  return `${operation} ${tier} ${asked} ${halvings(maxOutputTokens)} ${halvings(inputTokens) >> 1}`;
}

function halvings(count: number): number {
  return 32 - Math.clz32(count);
}
