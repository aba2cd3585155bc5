// The provider of the benchmark: answers OpenAI's chat completions as fast as node:http can. Prints its port.
// Control: GET /stats, POST /reset.
import { createServer } from 'node:http';
import { faultFor, resetFaults } from './server/faults.mjs';
import { optionsOf } from './server/options.mjs';
import { sendEndless, sendStream } from './server/streams.mjs';
import { unaryAnswer } from './server/wire.mjs';

const zero = () => ({
  requests: 0,
  unary: 0,
  streams: 0,
  aborted: 0,
  running: 0,
  endlessEvents: 0,
  faults: { 429: 0, 503: 0, reset: 0 },
  /** Attempts before the time that an earlier answer to the same call named. */
  tooEarly: 0,
  /** Most connections at a time that carried calls. */
  socketsMost: 0,
});

const sockets = new Set();
let stats = zero();

const unaryHeaders = { 'content-type': 'application/json', 'content-length': unaryAnswer.length };

const server = createServer({ keepAliveTimeout: 60_000, noDelay: true }, (request, response) => {
  if (request.method !== 'POST' || request.url === '/reset') return control(request, response);
  countSocket(request.socket);
  const chunks = [];
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('end', () => receive(request, response, chunks.length === 1 ? chunks[0] : Buffer.concat(chunks)));
});

function receive(request, response, body) {
  stats.requests++;
  const options = optionsOf(request.url);
  const fault = options.faults > 0 ? faultFor(request.url, body, options, stats) : null;
  if (fault !== null) return fault.send(response);
  if (options.latency > 0) setTimeout(answer, options.latency, response, body, options);
  else answer(response, body, options);
}

function answer(response, body, options) {
  if (!body.includes('"stream":true')) {
    stats.unary++;
    response.writeHead(200, unaryHeaders);
    response.end(unaryAnswer);
    return;
  }
  stats.streams++;
  if (options.endless > 0) sendEndless(response, options, stats);
  else sendStream(response, options);
}

function control(request, response) {
  request.resume();
  if (request.url === '/reset') {
    stats = { ...zero(), running: stats.running };
    resetFaults();
  }
  response.writeHead(200, { 'content-type': 'application/json', connection: 'close' });
  response.end(JSON.stringify({ ...stats, socketsOpen: sockets.size }));
}

function countSocket(socket) {
  if (sockets.has(socket)) return;
  sockets.add(socket);
  stats.socketsMost = Math.max(stats.socketsMost, sockets.size);
  socket.once('close', () => sockets.delete(socket));
}

server.listen(0, '127.0.0.1', () => console.log(server.address().port));
process.once('disconnect', () => process.exit());
