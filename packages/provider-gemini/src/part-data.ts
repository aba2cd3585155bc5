import type { Json } from '@vibe/core';

/**
 * What this provider keeps in a part's `providerData`: the signature of a thought, which Gemini wants back verbatim, or a
 * whole part of a kind that has no form in the SDK (code execution, server tools).
 */
export interface PartData {
  readonly thoughtSignature?: string;
  readonly part?: { readonly [key: string]: Json };
}

/** Reads `providerData`, which may come from elsewhere: fields of another form are ignored. */
export function readPartData(data: Json | undefined): PartData {
  if (typeof data !== 'object' || data === null || Array.isArray(data)) return {};
  const { thoughtSignature, part } = data as { readonly [key: string]: Json };
  return {
    ...(typeof thoughtSignature === 'string' && { thoughtSignature }),
    ...(isObject(part) && { part }),
  };
}

/** Marks the ids of tool calls that Gemini gave none (facts: never on 2.5). They are not sent back. */
const MADE_ID = 'vibe_call_';

export function madeId(unique: string): string {
  return `${MADE_ID}${unique}`;
}

export function isMadeId(id: string): boolean {
  return id.startsWith(MADE_ID);
}

function isObject(value: Json | undefined): value is { readonly [key: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
