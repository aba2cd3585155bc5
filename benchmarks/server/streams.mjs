import { oneEvent, writesOf } from './wire.mjs';

const headers = { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' };

/** Writes a whole stream, as fast as the client takes it or one event per `pace` microseconds. */
export function sendStream(response, { events, pack, pace }) {
  response.writeHead(200, headers);
  const writes = writesOf(events, pack);
  if (pace > 0) return paced(response, writes, pace);
  let next = 0;
  const proceed = () => {
    while (next < writes.length) if (!response.write(writes[next++])) return response.once('drain', proceed);
    response.end();
  };
  proceed();
}

const running = new Set();

/** All paced streams get their events from one loop: a timer of Node is too coarse for microseconds. */
function paced(response, writes, pace) {
  const stream = { response, writes, next: 0, paceMs: pace / 1000, dueMs: performance.now() };
  running.add(stream);
  response.once('close', () => running.delete(stream));
  if (running.size === 1) setImmediate(turn);
}

function turn() {
  const nowMs = performance.now();
  for (const stream of running) {
    if (stream.dueMs > nowMs) continue;
    stream.dueMs = Math.max(stream.dueMs + stream.paceMs, nowMs);
    stream.response.write(stream.writes[stream.next++]);
    if (stream.next < stream.writes.length) continue;
    running.delete(stream);
    stream.response.end();
  }
  if (running.size > 0) setImmediate(turn);
}

/** Goes on until the client leaves. `stats` counts how it ended. */
export function sendEndless(response, { endless }, stats) {
  response.writeHead(200, headers);
  stats.running++;
  const timer = setInterval(() => {
    if (response.writableNeedDrain) return;
    stats.endlessEvents++;
    response.write(oneEvent);
  }, endless);
  response.write(oneEvent);
  response.once('close', () => {
    clearInterval(timer);
    stats.running--;
    stats.aborted++;
  });
}
