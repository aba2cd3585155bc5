/** JSON.stringify writes an unpaired surrogate, and nothing else, as `\ud…` after an even number of backslashes. */
const unpairedSurrogate = /(?<!\\)((?:\\\\)*)\\ud[89a-f][0-9a-f]{2}/g;

/**
 * A request body as JSON text that every service can read: unpaired surrogates, also in keys, become U+FFFD (several
 * JSON parsers refuse them); NUL bytes stay, escaped.
 */
export function serializeJson(body: unknown): string {
  const text = JSON.stringify(body);
  return text.includes('\\ud') ? text.replace(unpairedSurrogate, '$1\ufffd') : text;
}
