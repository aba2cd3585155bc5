import { createParser } from 'eventsource-parser';
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

/** The JSON documents of a whole stream; null when the text is none, or has an event that is no JSON. */
export function documentsOfStream(text: string): readonly unknown[] | null {
  if (!/^(data|event|id|retry)?:/.test(text)) return null;
  const data: string[] = [];
  createParser({ onEvent: (event) => void data.push(event.data) }).feed(`${text}\n\n`);
  try {
    const documents = data.flatMap(eventDocuments);
    return documents.length === 0 ? null : documents;
  } catch {
    return null;
  }
}

const nothing: readonly unknown[] = [];
/** Blank data of any length is no JSON either, and found out below. */
const longestNothing = 64;

function isNothing(text: string): boolean {
  const trimmed = text.trim();
  return trimmed === '' || trimmed === '[DONE]';
}
