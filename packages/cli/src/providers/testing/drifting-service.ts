import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Breakage, breakField } from '@vibe/contract-tests';

/** A service in front of a simulator whose answers are changed on the way. */
export interface DriftingService {
  readonly url: string;
  /** From now on this field of every answer with status 200 is changed. Null: none. */
  drift(change: { readonly path: string; readonly breakage: Breakage } | null): void;
  close(): Promise<void>;
}

/** Passes every request on to `origin`. Answers arrive whole, which is all that a test of shapes needs. */
export async function startDriftingService(origin: string): Promise<DriftingService> {
  let change: Parameters<DriftingService['drift']>[0] = null;
  const server = createServer(async (incoming, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    const { host: _, connection: __, 'content-length': ___, ...headers } = incoming.headers;
    const answer = await fetch(`${origin}${incoming.url}`, {
      method: incoming.method ?? 'GET',
      headers: headers as Record<string, string>,
      ...(chunks.length > 0 && { body: Buffer.concat(chunks) }),
    });
    const body = await answer.text();
    response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? 'text/plain' });
    response.end(change === null || !answer.ok ? body : changed(body, change.path, change.breakage));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    drift: (next) => {
      change = next;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function changed(body: string, path: string, breakage: Breakage): string {
  const alter = (text: string) => JSON.stringify(breakField([JSON.parse(text)], path, breakage)[0]);
  if (!/^data:/m.test(body)) return alter(body);
  return body.replace(/^data: ?(\{.*\})\r?$/gm, (_, text: string) => `data: ${alter(text)}`);
}
