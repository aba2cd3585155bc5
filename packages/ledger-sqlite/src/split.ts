import type { NanoUsd } from '@vibe/core';

/** What each window of a call was charged, by `budget_id:window_start_ms`, where it is not the same for all. */
export type Split = ReadonlyMap<string, NanoUsd>;

/** As it is kept in column `charges` of an event: `1:0=2500,7:1767222000000=0`. */
export function splitText(split: Split): string {
  return [...split].map(([key, nanoUsd]) => `${key}=${nanoUsd}`).join(',');
}

export function splitOfText(text: string): Split {
  if (text === '') return new Map();
  return new Map(
    text.split(',').map((part) => {
      const [key = '', nanoUsd] = part.split('=');
      return [key, Number(nanoUsd)];
    }),
  );
}
