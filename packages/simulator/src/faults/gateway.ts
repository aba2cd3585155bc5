import { resolveError } from '../errors.js';
import { makeReply } from '../http/reply.js';
import type { FaultEffect } from './fault.js';

const DEFAULT_HTML_STATUS = 502;
const DEFAULT_HUGE_STATUS = 500;
const DEFAULT_HUGE_BYTES = 10 * 1024 * 1024;

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

/** Everything later. */
export const slow: FaultEffect<'slow'> = (reply, { delayMs = 0, perDeltaMs = 0 }) => ({
  ...reply,
  delayMs: reply.delayMs + delayMs,
  perDeltaMs: reply.perDeltaMs + perDeltaMs,
});
