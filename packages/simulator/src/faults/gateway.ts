import { resolveError } from '../errors.js';
import { makeReply, type Step } from '../http/reply.js';
import type { FaultEffect } from './fault.js';

const DEFAULT_HTML_STATUS = 502;
const DEFAULT_HUGE_STATUS = 500;
const DEFAULT_HUGE_BYTES = 10 * 1024 * 1024;
const DEFAULT_EVENT_BYTES = 2 * 1024 * 1024;

const page = `<html>
<head><title>502 Bad Gateway</title></head>
<body>
<center><h1>502 Bad Gateway</h1></center>
<hr><center>nginx</center>
</body>
</html>
`;

/** 200 without a body (facts: recorded on a Gemini stream). */
export const empty: FaultEffect<'empty'> = (reply) => ({ ...makeReply({ headers: reply.headers, steps: [] }) });

/** The page of a gateway in front of the provider. */
export const html: FaultEffect<'html'> = (_reply, { status = DEFAULT_HTML_STATUS }) =>
  makeReply({ status, headers: { 'content-type': 'text/html' }, steps: [{ do: 'raw', text: page }] });

/** An error with a message nobody should keep whole. */
export const hugeError: FaultEffect<'hugeError'> = (_reply, fault, exchange) => {
  const { status = DEFAULT_HUGE_STATUS, bytes = DEFAULT_HUGE_BYTES } = fault;
  return exchange.wire.errorReply(exchange, resolveError(exchange, { status, message: 'x'.repeat(bytes) }));
};

/** An event that fills many network reads, as one with a picture does. */
export const hugeEvent: FaultEffect<'hugeEvent'> = (reply, { bytes = DEFAULT_EVENT_BYTES }) => {
  const first = reply.steps.findIndex((step) => step.do === 'body' || (step.do === 'event' && step.role === 'delta'));
  const padded = (step: Step, index: number): Step => {
    if (index !== first || (step.do !== 'body' && step.do !== 'event') || typeof step.data === 'string') return step;
    return { ...step, data: { ...step.data, padding: 'x'.repeat(bytes) } };
  };
  return reply.paced ? { ...reply, steps: reply.steps.map(padded) } : reply;
};

/** Everything later. */
export const slow: FaultEffect<'slow'> = (reply, { delayMs = 0, perDeltaMs = 0 }) => ({
  ...reply,
  delayMs: reply.delayMs + delayMs,
  perDeltaMs: reply.perDeltaMs + perDeltaMs,
});
