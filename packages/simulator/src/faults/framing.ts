import type { Framing, Reply } from '../http/reply.js';
import type { FaultEffect } from './fault.js';

/** Line ends, comments and line breaks are legal in server-sent events, whatever the provider usually sends. */
const inEvents =
  (change: Partial<Framing>) =>
  (reply: Reply): Reply =>
    reply.framing.kind === 'sse' ? { ...reply, framing: { ...reply.framing, ...change } } : reply;

export const crlf: FaultEffect<'crlf'> = inEvents({ newline: '\r\n' });
export const lf: FaultEffect<'lf'> = inEvents({ newline: '\n' });
export const cr: FaultEffect<'cr'> = inEvents({ newline: '\r' });
export const comments: FaultEffect<'comments'> = inEvents({ comments: true });
export const multiLineData: FaultEffect<'multiLineData'> = inEvents({ indented: true });

/** Writes that end inside a character: of streams and of whole answers. */
export const splitUtf8: FaultEffect<'splitUtf8'> = (reply) => ({
  ...reply,
  framing: { ...reply.framing, splitUtf8: true },
});
