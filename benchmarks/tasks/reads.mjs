import { channel } from 'node:diagnostics_channel';
import { streams } from './throughput.mjs';

/** Network reads per event, so that nobody is measured with several events in one read. Undici from npm tells. */
export async function readsPerEvent(contender, options) {
  let reads = 0;
  const count = () => reads++;
  const received = channel('undici:request:bodyChunkReceived');
  received.subscribe(count);
  await streams(contender, options);
  received.unsubscribe(count);
  return reads / (options.count * options.events);
}
