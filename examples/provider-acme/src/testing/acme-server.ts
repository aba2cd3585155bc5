import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ServiceRequest, SituationName } from '@vibe/contract-tests';

type Behaviour = (response: ServerResponse) => void;

const pieces = ['The sky ', 'is blue.'];
const end = { end: 'stop', in: 20, out: 4 };
const events = (...list: object[]) => list.map((each) => `data: ${JSON.stringify(each)}\n\n`).join('');
const firstPiece = events({ text: pieces[0] });
const answer = (last: object) => events(...pieces.map((text) => ({ text })), last);

const refuse =
  (status: number, headers: Record<string, string> = {}): Behaviour =>
  (response) =>
    response.writeHead(status, headers).end('{"message":"no"}');

const behaviours: Partial<Record<SituationName, Behaviour>> = {
  answer: (response) => response.end(answer(end)),
  noUsage: (response) => response.end(answer({ end: 'stop' })),
  holdBack: (response) => response.write(firstPiece),
  truncated: (response) => response.end(firstPiece),
  resetInAnswer: (response) => response.write(firstPiece, () => setImmediate(() => response.socket?.resetAndDestroy())),
  resetBeforeAnswer: (response) => response.socket?.resetAndDestroy(),
  silence: () => undefined,
  unreadable: (response) => response.end('<html>hello</html>'),
  badKey: refuse(401),
  rateLimited: refuse(429, { 'retry-after': '2' }),
  rateLimitedWithoutHint: refuse(429),
  serverError: refuse(500),
  overloaded: refuse(503),
  rejected: refuse(400),
};

/** Acme on your own machine, always in one situation. */
export class AcmeServer {
  readonly said = { text: pieces.join(''), inputTokens: end.in, outputTokens: end.out };
  readonly #open = new Set<ServerResponse>();
  readonly #waiting = new Set<() => void>();
  readonly #server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    if (request.method === 'GET') return void response.writeHead(this.#name === 'badKey' ? 401 : 200).end('{}');
    this.#open.add(response);
    response.once('close', () => this.#changed(this.#open.delete(response)));
    const body: unknown = JSON.parse(Buffer.concat(chunks).toString());
    this.#changed(this.#requests.push({ method: 'POST', path: request.url ?? '', body }));
    behaviours[this.#name]?.(response);
  });
  #name: SituationName = 'answer';
  #requests: ServiceRequest[] = [];

  async start(): Promise<string> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  enter(name: SituationName) {
    this.#name = name;
    this.#requests = [];
    return {
      requests: () => this.#requests,
      arrived: () => this.#until(() => this.#requests.length > 0),
      left: () => this.#until(() => this.#requests.length > 0 && this.#open.size === 0),
    };
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  #changed(_what: unknown): void {
    for (const check of this.#waiting) check();
  }

  #until(isSo: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const check = () => {
        if (!isSo()) return;
        this.#waiting.delete(check);
        resolve();
      };
      this.#waiting.add(check);
      check();
    });
  }
}
