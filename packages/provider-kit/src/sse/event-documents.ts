import { parseJson } from '../wire/parse-with.js';

/**
 * The JSON documents of an event's data: usually one. Nothing and `[DONE]` are none, an array is a list of them (Google
 * wraps errors in one), and lines that are whole JSON each are events whose server forgot the empty line between them.
 * Anything else is `invalid_response`.
 */
export function eventDocuments(data: string): readonly unknown[] {
  if (data.length <= longestNothing && isNothing(data)) return nothing;
  try {
    const json: unknown = JSON.parse(data);
    return Array.isArray(json) ? json : [json];
  } catch {
    const lines = data.split('\n').filter((line) => !isNothing(line));
    return lines.map((line) => parseJson(line, 'an event of the stream'));
  }
}

const nothing: readonly unknown[] = [];
/** Blank data of any length is no JSON either, and found out below. */
const longestNothing = 64;

function isNothing(text: string): boolean {
  const trimmed = text.trim();
  return trimmed === '' || trimmed === '[DONE]';
}
