import type { IncomingMessage, ServerResponse } from 'node:http';
import { randomStream, seededUuid } from './answer/random.js';
import { type ControlParts, controlReply, isControlPath } from './control.js';
import type { Exchange } from './exchange.js';
import { applyFaults } from './faults/effects.js';
import { readFaults } from './faults/read-rule.js';
import type { Verdict } from './faults/rulebook.js';
import { type ReceivedBody, receiveBody } from './http/body.js';
import type { Gates } from './http/gates.js';
import { playReply } from './http/player.js';
import { jsonReply, type Reply } from './http/reply.js';
import { LOOPBACK, type Settings } from './options.js';
import { findEndpoint } from './routes.js';
import type { Shelf } from './shelf.js';
import { SimulatorError } from './simulator-error.js';
import type { HintWatch } from './watch/hint-watch.js';
import { keptBody, publicHeaders, publicPath, type RunningRequest } from './watch/journal.js';
import type { ArrivedAttempt } from './watch/stats.js';

/** Everything that lives as long as the server. */
export interface ServerParts extends ControlParts {
  readonly settings: Settings;
  readonly hints: HintWatch;
  readonly gates: Gates;
  readonly shelf: Shelf;
}

/** Faults for one request, as JSON: one fault or a list. Wins over the scripted rules. */
export const FAULT_HEADER = 'x-vibe-fault';

const unhurried = { ttftMs: 0, tokensPerSecond: null };
const nobody = { sent: () => undefined, written: () => undefined, ended: () => undefined, released: Promise.resolve() };

/** Answers requests: read, judge, write the reply, play it. */
export function makeServe(parts: ServerParts): (request: IncomingMessage, response: ServerResponse) => void {
  let count = 0;
  return (request, response) => {
    serve(parts, () => ++count, request, response).catch((error: unknown) => reportBug(response, error));
  };
}

async function serve(
  parts: ServerParts,
  nextId: () => number,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const arrivedMs = performance.now();
  const atMs = Date.now();
  const left = new AbortController();
  response.once('close', () => {
    if (!response.writableFinished) left.abort();
  });
  const received = await receiveBody(request).catch(() => null);
  if (received === null) return; // the client left before it had asked for anything
  const [path = '', search = ''] = (request.url ?? '').split(/\?(.*)/s);
  const query = new URLSearchParams(search);
  const method = request.method ?? 'GET';
  if (isControlPath(path)) {
    const reply = controlReply(parts, { method, path, query, received });
    return playReply(reply, response, unhurried, nobody, left.signal);
  }
  const { endpoint, pathModel } = findEndpoint(method, path);
  const body = received.kind === 'json' ? received.json : {};
  const id = nextId();
  const exchange: Exchange = {
    id,
    wire: endpoint.wire,
    endpoint: endpoint.name,
    path,
    query,
    headers: request.headers,
    model: endpoint.model(pathModel === undefined ? undefined : decoded(pathModel), body),
    stream: endpoint.stream(body, request.headers),
    prompt: () => endpoint.prompt(body),
    received,
    body,
    requestId: seededUuid(randomStream('request', parts.settings.seed, id)),
    settings: parts.settings,
    origin: `http://${request.headers.host ?? `${LOOPBACK}:${request.socket.localPort}`}`,
    shelf: parts.shelf,
  };
  const verdict = judge(parts, exchange);
  if ('refused' in verdict) return playReply(verdict.refused, response, unhurried, nobody, left.signal);
  const reply = applyFaults(endpoint.reply(exchange), verdict.faults, exchange);
  const record = recordOf(request, exchange, received, reply, verdict, atMs);
  record.earlyByMs = parts.hints.earlyByMs(hintTarget(exchange), arrivedMs);
  const late = { ...reply, delayMs: reply.delayMs + verdict.delayMs };
  return playReply(late, response, parts.settings.pace, watching(parts, exchange, late, record), left.signal);
}

/** What the header or the rules want for this request; a header nobody can read is refused, not ignored. */
function judge(parts: ServerParts, exchange: Exchange): Verdict | { readonly refused: Reply } {
  const header = exchange.headers[FAULT_HEADER];
  if (header === undefined) return parts.rulebook.judge(exchange) ?? { faults: [], delayMs: 0 };
  try {
    return { faults: readFaults(JSON.parse(String(header)), FAULT_HEADER), delayMs: 0 };
  } catch (error) {
    if (!(error instanceof SimulatorError) && !(error instanceof SyntaxError)) throw error;
    return { refused: jsonReply(400, { error: { message: `${FAULT_HEADER}: ${error.message}` } }) };
  }
}

/** Counts the attempt and follows its reply to the end. */
function watching(parts: ServerParts, exchange: Exchange, reply: Reply, record: RunningRequest) {
  const { board, journal, hints, gates } = parts;
  const attempt: ArrivedAttempt = {
    path: exchange.path,
    model: exchange.model,
    endpoint: exchange.endpoint,
    wire: exchange.wire.name,
    faultKinds: record.faults,
    stream: exchange.stream && reply.paced,
    status: record.status,
    early: record.earlyByMs > 0,
  };
  journal.add(record);
  board.arrived(attempt);
  const gate = gates.enter(reply.steps.some((step) => step.do === 'hold'));
  return {
    released: gate.released,
    sent(step: Reply['steps'][number]) {
      if (step.do !== 'event' && step.do !== 'body') return;
      if (step.do === 'event' && step.tokens > 0) record.deltas += 1;
      const tokens = step.tokens + (step.hiddenTokens ?? 0);
      if (tokens > 0) board.sent(tokens);
    },
    written: (bytes: number) => board.written(bytes),
    ended(outcome: NonNullable<RunningRequest['outcome']>) {
      gate.leave();
      record.outcome = outcome;
      record.endedAtMs = Date.now();
      if (reply.retryAfterMs !== null) hints.sent(hintTarget(exchange), performance.now(), reply.retryAfterMs);
      board.ended(attempt, outcome);
    },
  };
}

function recordOf(
  request: IncomingMessage,
  exchange: Exchange,
  received: ReceivedBody,
  reply: Reply,
  verdict: Verdict,
  atMs: number,
): RunningRequest {
  const silent = reply.steps[0]?.do === 'reset' || reply.steps[0]?.do === 'stall';
  return {
    id: exchange.id,
    atMs,
    method: request.method ?? 'GET',
    path: publicPath(request.url ?? ''),
    endpoint: exchange.endpoint,
    model: exchange.model,
    headers: publicHeaders(request.headers),
    body: keptBody(received),
    bodyBytes: received.bytes,
    faults: verdict.faults.map((fault) => fault.kind),
    status: silent ? null : reply.status,
    outcome: null,
    endedAtMs: null,
    deltas: 0,
    earlyByMs: 0,
  };
}

/** Retry hints are per provider and model (facts: so are the limits behind them). */
function hintTarget(exchange: Exchange): string {
  return `${exchange.wire.name} ${exchange.model ?? ''}`;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** A mistake in the simulator itself must not look like an answer of a provider. */
function reportBug(response: ServerResponse, error: unknown): void {
  const text = `The simulator failed: ${error instanceof Error ? error.stack : String(error)}\n`;
  if (response.headersSent) response.destroy();
  else response.writeHead(500, { 'content-type': 'text/plain' }).end(text);
}
