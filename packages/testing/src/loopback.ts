import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

export interface Received {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** Which connection of the server it came on, counted from 0. */
  readonly connection: number;
  /** Resolves when that connection is closed. */
  readonly closed: Promise<void>;
}

export interface Loopback {
  readonly url: string;
  readonly received: Received[];
  /** Resolves with the request of that position, counted from 0. */
  request(position?: number): Promise<Received>;
  close(): Promise<void>;
}

export type Answer = (response: ServerResponse, received: Received, socket: Socket) => void;

/** A server on loopback that answers every request. */
export async function listen(answer: Answer): Promise<Loopback> {
  const received: Received[] = [];
  const sockets: Socket[] = [];
  let arrived = () => {};
  let arrival = new Promise<void>((resolve) => {
    arrived = resolve;
  });
  const server = createServer(async (incoming, response) => {
    const request = await read(incoming, sockets);
    received.push(request);
    const announce = arrived;
    arrival = new Promise<void>((resolve) => {
      arrived = resolve;
    });
    announce();
    answer(response, request, incoming.socket);
  });
  server.on('connection', (socket) => {
    sockets.push(socket.setMaxListeners(0));
    socket.on('error', () => {});
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    async request(position = 0) {
      for (;;) {
        const found = received[position];
        if (found !== undefined) return found;
        await arrival;
      }
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function read(incoming: IncomingMessage, sockets: readonly Socket[]): Promise<Received> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  return {
    method: incoming.method ?? '',
    path: incoming.url ?? '',
    headers: incoming.headers,
    body: Buffer.concat(chunks).toString('utf8'),
    connection: sockets.indexOf(incoming.socket),
    closed: new Promise((resolve) => incoming.socket.once('close', () => resolve())),
  };
}

/** Answers with a status, headers and a body; of several pieces each is a write of its own. */
export function reply(status: number, headers: Record<string, string>, ...pieces: readonly (string | Uint8Array)[]) {
  return async (response: ServerResponse): Promise<void> => {
    response.writeHead(status, headers);
    const last = pieces.at(-1);
    for (const piece of pieces.slice(0, -1)) await new Promise((resolve) => response.write(piece, resolve));
    response.end(last);
  };
}

/** Splits bytes every `size` bytes. */
export function slices(bytes: Uint8Array, size: number): Uint8Array[] {
  const count = Math.ceil(bytes.length / size);
  return Array.from({ length: count }, (_, at) => bytes.subarray(at * size, (at + 1) * size));
}
