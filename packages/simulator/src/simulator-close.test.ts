/** In a file of its own: only there nobody else's sockets and timers are in the process. */
import { connect } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { startSimulator } from './simulator.js';

it('a closed simulator leaves nothing behind that would keep a process alive', async () => {
  const kinds = ['TCPServerWrap', 'TCPSocketWrap', 'Timeout'];
  const active = () => {
    const resources = process.getActiveResourcesInfo();
    return kinds.map((kind) => resources.filter((resource) => resource === kind).length);
  };
  const before = active();
  const simulator = await startSimulator({ ttftMs: 1e9 });
  const socket = connect(simulator.port, '127.0.0.1');
  const gone = new Promise((resolve) => socket.once('close', resolve));
  socket.on('error', () => undefined);
  const body = '{"model":"qwen-plus","messages":[{"role":"user","content":"hi"}]}';
  const head = `POST /compatible-mode/v1/chat/completions HTTP/1.1\r\nhost: x\r\nauthorization: Bearer k\r\ncontent-length: ${body.length}`;
  socket.write(`${head}\r\n\r\n${body}`);
  await simulator.waitFor(({ attempts }) => attempts.running === 1);
  await nextTurn(); // the player is now in its wait for the first token
  const during = active().map((count, index) => count - (before[index] ?? 0));
  expect(during).toEqual([1, 2, 1]);
  await Promise.all([simulator.close(), gone]);
  expect(active()).toEqual(before);
});
