import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Said, ServiceRequest, SituationName } from '../src/index.js';

/** What the toy wire asks. */
interface Question {
  readonly stream: boolean;
  readonly think: boolean;
  readonly tools: readonly string[];
  readonly schema: unknown;
  /** Unset: a chat. */
  readonly operation?: 'transcribe' | 'speak' | 'paint';
  readonly count?: number;
}

type Reply = (question: Question, response: ServerResponse, key: string) => void;

export const toyHintMs = 3_000;
const pieces = ['The sky ', 'is blue because ', 'air scatters blue light most. ', 'Sunsets are red.'];
const calls = [
  { id: 'call-1', name: 'weather', input: { city: 'Berlin' } },
  { id: 'call-2', name: 'weather', input: { city: 'Wuhan' } },
];

/** What the service says about itself: the same for every request. */
export const toySaid = {
  answer: { text: pieces.join(''), inputTokens: 20, outputTokens: 30 },
  reasoning: { text: pieces.join(''), inputTokens: 20, outputTokens: 30, reasoningTokens: 12 },
  cachedInput: { text: pieces.join(''), inputTokens: 20, cachedInputTokens: 15, outputTokens: 30 },
} satisfies Record<string, Said>;

const plainUsage = { input: 20, output: 30 };

/** Four pieces of speech, and a picture. */
export const toySpeech = Array.from({ length: 4 }, (_, at) => Buffer.alloc(96, at + 1));
const picture = Buffer.from('89504e470d0a1a0a', 'hex');

/** What it says besides chats: words, samples or pictures, and the bill in units of their own. */
function mediaLines({ operation, count = 1 }: Question): readonly object[] {
  if (operation === 'transcribe') return pieces.map((text) => ({ text }));
  if (operation === 'speak') return toySpeech.map((bytes) => ({ audio: bytes.toString('base64') }));
  return Array.from({ length: count }, () => ({ image: picture.toString('base64') }));
}

const mediaBills = {
  transcribe: { seconds: 2 },
  speak: { characters: 16 },
  paint: { images: 1 },
};

function answers(
  usage: object | null,
  cutAfter = Number.POSITIVE_INFINITY,
  end?: (response: ServerResponse) => void,
): Reply {
  return (question, response) => {
    if (question.operation !== undefined) {
      const bill = {
        ...mediaBills[question.operation],
        ...(question.count !== undefined && { images: question.count }),
      };
      const lines = [...mediaLines(question), { finish: 'end', ...(usage === null ? {} : { bill }) }];
      response.end(lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
      return;
    }
    const text = question.schema === undefined ? pieces : ['{"city":"Berlin",', '"population":3700000}'];
    const thoughts = question.think ? ['Why blue? ', 'Rayleigh.'] : [];
    const tools = question.tools.length > 0 ? calls : [];
    const said = tools.length > 0 ? [] : text;
    const last = { finish: tools.length > 0 ? 'tools' : 'end', ...(usage === null ? {} : { usage }) };
    if (!question.stream) {
      response.end(JSON.stringify({ thoughts: thoughts.join(''), text: said.join(''), calls: tools, ...last }));
      return;
    }
    const lines: object[] = [...thoughts.map((thought) => ({ thought })), ...said.map((piece) => ({ text: piece }))];
    for (const { id, name, input } of tools) {
      const json = JSON.stringify(input);
      lines.push({ callPiece: { id, name, text: json.slice(0, 5) } }, { callPiece: { id, name, text: json.slice(5) } });
    }
    for (const line of lines.slice(0, cutAfter)) response.write(`${JSON.stringify(line)}\n`);
    if (end === undefined) response.end(`${JSON.stringify(last)}\n`);
    else end(response);
  };
}

function refuses(status: number, message: string, headers: Record<string, string> = {}): Reply {
  return (_, response, key) =>
    response.writeHead(status, headers).end(JSON.stringify({ error: `${message} (key ${key})` }));
}

const replies: Readonly<Record<SituationName, Reply>> = {
  answer: answers(plainUsage),
  holdBack: answers(plainUsage, 1, () => undefined),
  silence: () => undefined,
  badKey: refuses(401, 'this key is not known'),
  rateLimited: refuses(429, 'slow down', { 'retry-after': String(toyHintMs / 1_000) }),
  rateLimitedWithoutHint: refuses(429, 'slow down'),
  serverError: refuses(500, 'something broke'),
  overloaded: refuses(503, 'too many users'),
  rejected: refuses(400, 'what is this?'),
  unreadable: (_, response) => response.end('<html>Welcome to the gateway</html>'),
  resetBeforeAnswer: (_, response) => response.socket?.resetAndDestroy(),
  resetInAnswer: answers(plainUsage, 1, ({ socket }) => void setImmediate(() => socket?.resetAndDestroy())),
  truncated: answers(plainUsage, 2, (response) => response.end()),
  noUsage: answers(null),
  toolCall: answers(plainUsage),
  structured: answers(plainUsage),
  reasoning: answers({ ...plainUsage, thought: 12 }),
  cachedInput: answers({ ...plainUsage, cached: 15 }),
};

/** A service on loopback with a wire of its own, always in one situation. */
export class ToyService {
  readonly #server = createServer((request, response) => void this.#serve(request, response));
  readonly #open = new Set<ServerResponse>();
  #reply: Reply = replies.answer;
  #requests: ServiceRequest[] = [];
  #changed: () => void = () => undefined;

  async start(): Promise<string> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  enter(name: SituationName): {
    requests(): readonly ServiceRequest[];
    arrived(): Promise<void>;
    left(): Promise<void>;
  } {
    this.#reply = replies[name];
    this.#requests = [];
    return {
      requests: () => this.#requests,
      arrived: () => this.#until(() => this.#requests.length > 0),
      left: () => this.#until(() => this.#requests.length > 0 && this.#open.size === 0),
    };
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
    });
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const key = (request.headers.authorization ?? '').replace('Bearer ', '');
    if (request.method === 'GET') {
      response.writeHead(this.#reply === replies.badKey ? 401 : 200).end();
      return;
    }
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = JSON.parse(Buffer.concat(chunks).toString()) as Question;
    this.#open.add(response);
    response.once('close', () => {
      this.#open.delete(response);
      this.#changed();
    });
    this.#requests.push({ method: 'POST', path: request.url ?? '', body });
    this.#changed();
    this.#reply(body, response, key);
  }

  #until(isSo: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const check = () => (isSo() ? resolve() : undefined);
      this.#changed = check;
      check();
    });
  }
}
