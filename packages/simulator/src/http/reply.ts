import type { JsonObject } from '../json.js';

/**
 * What an event of a stream is for. `open`: before any text (the role chunk); `delta`: text or reasoning; `finish`: carries
 * the finish reason (on the Gemini wire the last text too); `usage`: after the finish; `done`: the end mark.
 */
export type EventRole = 'open' | 'delta' | 'finish' | 'usage' | 'done' | 'error';

/** One event of a stream. A string is sent as it is (`[DONE]`). */
export interface EventStep {
  readonly do: 'event';
  readonly role: EventRole;
  readonly data: JsonObject | string;
  /** Tokens that become visible with this event; they set its place in time. */
  readonly tokens: number;
  /** Tokens that are metered with this event but never shown (hidden thoughts). */
  readonly hiddenTokens?: number;
  /** The status that a numbered event names. Default 200. */
  readonly status?: number;
}

/** The whole body of an answer that is not a stream. */
export interface BodyStep {
  readonly do: 'body';
  readonly data: JsonObject;
  readonly tokens: number;
  readonly hiddenTokens?: number;
}

export type Step =
  | EventStep
  | BodyStep
  /** Bytes as they are: a file. */
  | { readonly do: 'bytes'; readonly bytes: Uint8Array }
  /** Text outside any framing. */
  | { readonly do: 'raw'; readonly text: string }
  /** Sends status and headers now, before the first byte of the body. */
  | { readonly do: 'head' }
  /** Tears the connection down. */
  | { readonly do: 'reset' }
  /** Sends nothing more and keeps the connection open until the client leaves. */
  | { readonly do: 'stall' }
  /** Sends nothing until the reply is released; then goes on. */
  | { readonly do: 'hold' };

/** How steps become bytes. */
export interface Framing {
  /** `json`: one document; `array`: one document whose items are the events; `sse`: server-sent events. */
  readonly kind: 'json' | 'array' | 'sse';
  /** Line end of server-sent events. */
  readonly newline: '\n' | '\r\n' | '\r';
  /** DashScope's native events: a number, a name and the status as a comment stand before the data. Default false. */
  readonly numbered?: boolean;
  /** Indented JSON; in a stream one `data:` line per line of it. */
  readonly indented: boolean;
  /** A comment line before every event. */
  readonly comments: boolean;
  /** Every write is cut inside a character of several bytes, when it has one. */
  readonly splitUtf8: boolean;
}

/**
 * A whole reply as data, made before its first byte is sent: an endpoint writes it, faults rewrite it, the player plays it.
 * So a fault is a function from reply to reply, and faults combine.
 */
export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly framing: Framing;
  readonly steps: readonly Step[];
  /** Whether this is the answer of a model, not a list or an error: latency and faults of answers apply. */
  readonly paced: boolean;
  /** Wait before the status line. */
  readonly delayMs: number;
  /** Wait before every event that carries tokens, on top of the pace. */
  readonly perDeltaMs: number;
  /** A regular ending on the wire that is none for the client: counted as broken, not as completed. */
  readonly broken: boolean;
  /** The retry hint this reply gives; null: none. */
  readonly retryAfterMs: number | null;
}

export const jsonFraming: Framing = {
  kind: 'json',
  newline: '\n',
  indented: false,
  comments: false,
  splitUtf8: false,
};

export const sseFraming: Framing = { ...jsonFraming, kind: 'sse' };

/** A reply with the plain values where nothing else is said. */
export function makeReply(parts: Pick<Reply, 'headers' | 'steps'> & Partial<Reply>): Reply {
  return {
    status: 200,
    framing: jsonFraming,
    paced: false,
    delayMs: 0,
    perDeltaMs: 0,
    broken: false,
    retryAfterMs: null,
    ...parts,
  };
}

/** A reply of one JSON document. */
export function jsonReply(status: number, data: JsonObject, headers: Reply['headers'] = jsonHeaders): Reply {
  return makeReply({ status, headers, steps: [{ do: 'body', data, tokens: 0 }] });
}

export const jsonHeaders: Reply['headers'] = { 'content-type': 'application/json' };
