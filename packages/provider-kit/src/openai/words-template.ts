import { type ChatChunk, readChatChunk } from './chunk.js';

/** The kinds of words that come in events of their own, and the fields they may stand in. */
const fieldsOf = { text: ['content'], reasoning: ['reasoning_content', 'reasoning'] } as const;
/** So many events in a row that are like none before, and nobody looks any more: some services sign every event anew. */
const maxMisses = 8;

/**
 * Nearly all events of a stream differ from the one before in a few words alone. Such an event is read without being parsed:
 * what stands around its words is compared as text, character by character, and the words are read as the JSON string they
 * are. Whatever is not exactly like that is left to the parser, so that both ways always say the same.
 */
export class WordsTemplate {
  /** Of the words in the last event that was learned. */
  type: keyof typeof fieldsOf = 'text';
  /** Up to the words, and from their end on. Empty: nothing is known. */
  #before = '';
  #after = '';
  #misses = 0;

  /** The words of an event that is like the last one; null: it must be parsed. */
  wordsIn(data: string): string | null {
    const before = this.#before;
    if (before === '' || !data.startsWith(before) || !data.endsWith(this.#after)) return null;
    const words = stringIn(data.slice(before.length, data.length - this.#after.length));
    // Where there are none here, there may be some in another field.
    if (words === null || words === '') return null;
    this.#misses = 0;
    return words;
  }

  /**
   * Remembers what stands around the words of an event that has been parsed to `chunk`; `data` null: nothing is to be
   * remembered of it. Whatever came before is forgotten: what it said may have been changed by this event.
   */
  learn(data: string | null, chunk: ChatChunk): void {
    this.#before = '';
    if (data === null || this.#misses >= maxMisses) return;
    const found = onlyWords(chunk);
    if (found === null) return;
    this.#misses++;
    const [type, words] = found;
    for (const field of fieldsOf[type]) {
      const from = placeOf(field, data);
      const to = endOfString(data, from);
      if (from < 0 || stringIn(data.slice(from, to)) !== words) continue;
      const [before, after] = [data.slice(0, from), data.slice(to)];
      // Words may stand in a place that nobody reads, beside the one that is read: other words there show which it is.
      const others = `${words}.`;
      const [seenType, seen] = wordsOnlyIn(before + JSON.stringify(others) + after) ?? [];
      if (seenType !== type || seen !== others) continue;
      this.type = type;
      this.#before = before;
      this.#after = after;
      return;
    }
  }
}

/** Where the value of a field begins; below 0: it does not stand in the data. */
function placeOf(field: string, data: string): number {
  const name = `"${field}"`;
  const at = data.indexOf(name);
  if (at < 0) return -1;
  const from = data.indexOf('"', at + name.length);
  return /^\s*:\s*$/.test(data.slice(at + name.length, from)) ? from : -1;
}

/** The end of the string that begins with the quote at `from`. */
function endOfString(data: string, from: number): number {
  let at = data.indexOf('"', from + 1);
  while (at > 0 && isEscaped(data, at)) at = data.indexOf('"', at + 1);
  return at + 1;
}

function isEscaped(data: string, at: number): boolean {
  let backslashes = 0;
  while (data[at - 1 - backslashes] === '\\') backslashes++;
  return backslashes % 2 === 1;
}

/** The only words of an event that says nothing else; null when there is anything else in it. */
function onlyWords({ choice, usage, error }: ChatChunk): readonly [keyof typeof fieldsOf, string] | null {
  if (choice === undefined || usage !== undefined || (error !== undefined && error !== null)) return null;
  const { finishReason, text = '', reasoning = '', refusal = '', toolCalls, audio } = choice;
  if (finishReason !== undefined || refusal !== '' || toolCalls.length > 0 || audio !== undefined) return null;
  if (text !== '' && reasoning === '') return ['text', text];
  return text === '' && reasoning !== '' ? ['reasoning', reasoning] : null;
}

/** The same of an event that was not parsed yet; null also when it is no single document. */
function wordsOnlyIn(data: string): ReturnType<typeof onlyWords> {
  try {
    return onlyWords(readChatChunk(JSON.parse(data)));
  } catch {
    return null;
  }
}

/** The string that a piece of JSON is; null when it is anything else. */
function stringIn(json: string): string | null {
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === 'string' ? value : null;
  } catch {
    return null;
  }
}
