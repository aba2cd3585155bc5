import type { ProviderCall, Warning } from '@vibe/core';
import { unsupported } from './warnings.js';

/** Wishes that a service may not know, with what is no wish at all: the same as not having said it. */
const wishes: Readonly<Record<string, Readonly<Record<string, (value: unknown) => boolean>>>> = {
  chat: {
    temperature: never,
    topP: never,
    seed: never,
    stop: (value) => Array.isArray(value) && value.length === 0,
    reasoning: (value) => value === 'off',
    toolChoice: (value) => value === 'auto',
  },
  transcribe: { language: never },
  speak: { voice: never },
  paint: {
    size: never,
    count: (value) => value === 1,
    images: (value) => Array.isArray(value) && value.length === 0,
  },
};

/**
 * A warning for each wish of a call that makes no difference to what `wireOf` sends: nobody asked the service for it. A
 * wish whose absence cannot be sent has made a difference.
 */
export function unheeded(call: ProviderCall, wireOf: (call: ProviderCall) => unknown): readonly Warning[] {
  const asked = Object.entries(call.request);
  const known = wishes[call.operation] ?? {};
  const said = asked.filter(([name, value]) => value !== undefined && known[name]?.(value) === false);
  if (said.length === 0) return [];
  const sent = JSON.stringify(wireOf(call));
  return said
    .filter(([wish]) => sentWithout(call, wish, wireOf) === sent)
    .map(([wish]) => unsupported(wish, `${call.model.id} has no such parameter; it was left out.`));
}

function sentWithout(call: ProviderCall, wish: string, wireOf: (call: ProviderCall) => unknown): string | null {
  const request = Object.fromEntries(Object.entries(call.request).filter(([name]) => name !== wish));
  try {
    return JSON.stringify(wireOf({ ...call, request } as ProviderCall));
  } catch {
    return null;
  }
}

function never(): boolean {
  return false;
}
