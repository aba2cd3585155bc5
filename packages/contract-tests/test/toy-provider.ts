import {
  type AnyRequest,
  type FinishReason,
  type Json,
  type JsonObject,
  type ModelManifest,
  type Operation,
  type Part,
  type Provider,
  type ProviderCall,
  type ProviderEvent,
  type Quantities,
  redactSecrets,
  type ToolCallPart,
  type Usage,
  VibeError,
} from '@vibe/core';

/** One line of a streamed answer, or the whole of one that is not streamed. */
interface ToyLine {
  readonly text?: string;
  readonly thought?: string;
  readonly thoughts?: string;
  readonly calls?: readonly { readonly id: string; readonly name: string; readonly input: Json }[];
  readonly callPiece?: { readonly id: string; readonly name: string; readonly text: string };
  readonly finish?: string;
  /** Base64. */
  readonly audio?: string;
  readonly image?: string;
  readonly bill?: { readonly seconds?: number; readonly characters?: number; readonly images?: number };
  readonly usage?: {
    readonly input: number;
    readonly output: number;
    readonly cached?: number;
    readonly thought?: number;
  };
}

const modelOf = (id: string, fields: Partial<ModelManifest> = {}): ModelManifest => ({
  id,
  operations: ['chat'],
  input: ['text'],
  output: ['text'],
  streams: true,
  tools: true,
  structured: true,
  reasoning: false,
  tier: 'standard',
  contextTokens: 100_000,
  maxOutputTokens: 4_000,
  ...fields,
});

/** A correct provider for the toy wire. */
export function toyProvider(baseUrl: string, key: string): Provider {
  const endpoint = { id: 'main', region: 'global', baseUrl, keyPresent: () => true, keyName: 'TOY_API_KEY' };
  return {
    kind: 'provider',
    id: 'toy',
    endpoints: [endpoint, { ...endpoint, id: 'far', region: 'far', baseUrl: `${baseUrl}/far` }],
    models: [
      modelOf('toy-1'),
      modelOf('toy-thinks', { reasoning: true }),
      modelOf('toy-whole', { streams: false }),
      modelOf('toy-sees', { input: ['text', 'image'] }),
      modelOf('toy-hears', { operations: ['transcribe'], input: ['audio'] }),
      modelOf('toy-speaks', { operations: ['speak'], output: ['audio'] }),
      modelOf('toy-paints', { operations: ['paint'], output: ['image'], streams: false }),
    ],
    stream: (call) => (call.operation === 'chat' ? answer(call, key) : mediaAnswer(call, key)),
    describe: (call) => ({
      method: 'POST',
      url: `${call.endpoint.baseUrl}/v1/answer`,
      headers: {},
      body: bodyOf(call),
    }),
    estimate: (request, _model, { operation }) => ({
      quantities: boundOf(operation, request),
      unknown: true,
      source: 'estimated',
    }),
    async ping({ baseUrl: url }, signal) {
      const { status } = await fetch(`${url}/v1/ping`, { signal });
      return { ok: status === 200, latencyMs: 1, status };
    },
  };
}

function boundOf(operation: Operation, request: AnyRequest): Quantities {
  switch (operation) {
    case 'chat':
      return { input_token: 100 };
    case 'transcribe':
      return { audio_second: 10 };
    case 'speak':
      return { character: 100 };
    default:
      return { image: 'count' in request ? (request.count ?? 1) : 1 };
  }
}

function bodyOf(call: ProviderCall): JsonObject {
  const { operation, request, model, incremental } = call;
  if (operation !== 'chat') return mediaBody(call);
  const { temperature, topP, stop, seed, reasoning, toolChoice, tools, maxOutputTokens } = request;
  return {
    model: model.id,
    messages: request.messages.map(({ role, content }) => [role, ...content.map(wordsOf)].join(': ')),
    stream: incremental && model.streams !== false,
    think: model.reasoning,
    tools: (tools ?? []).map(({ name }) => name),
    wishes: JSON.stringify([maxOutputTokens, temperature, topP, stop, seed, reasoning, toolChoice, tools]),
    ...(request.output === undefined ? {} : { schema: request.output as Json }),
  };
}

function wordsOf(part: Part): string {
  if (part.type === 'text') return part.text;
  return part.type === 'tool_call' || part.type === 'tool_result' ? JSON.stringify(part) : part.type;
}

function mediaBody({ operation, request, model }: ProviderCall): JsonObject {
  const { language, voice, size } = request as { language?: string; voice?: string; size?: string };
  const wishes = JSON.stringify([language, voice, size]);
  return { model: model.id, operation, wishes, ...('count' in request && { count: request.count ?? 1 }) };
}

/** Everything besides chat: pieces in lines, whatever is asked. */
async function* mediaAnswer(call: ProviderCall, key: string): AsyncGenerator<ProviderEvent> {
  const parts: Part[] = [];
  const samples: Buffer[] = [];
  for await (const { text, audio, image, bill, finish } of linesOf(await send(call, key), key)) {
    const part = pieceOf(text, audio, image);
    if (part !== null) {
      if (part.type === 'audio') samples.push(part.data as Buffer);
      else append(parts, part);
      yield { type: 'delta', part, ...(part.type === 'text' ? { text: part.text } : {}) };
    }
    if (finish === undefined) continue;
    const { format } = call.request as { readonly format?: string };
    const whole: Part[] =
      samples.length === 0 ? parts : [{ type: 'audio', mediaType: 'audio/pcm', data: Buffer.concat(samples) }];
    const warned = format !== undefined && format !== 'pcm';
    const { seconds, characters, images } = bill ?? {};
    const quantities = {
      ...(seconds !== undefined && { audio_second: seconds }),
      ...(characters !== undefined && { character: characters }),
      ...(call.operation === 'paint' && images !== undefined && { image: images }),
    };
    const result = {
      content: whole,
      finishReason: 'stop' as const,
      rawFinishReason: finish,
      usage: bill === undefined ? null : ({ quantities, unknown: false, source: 'provider' } as const),
      servedModel: null,
      requestId: null,
      ...(warned && { warnings: [{ code: 'unsupported_parameter', message: 'The toy speaks raw samples only.' }] }),
    };
    yield { type: 'final', result };
    return;
  }
  throw new VibeError('stream_truncated', 'The toy stopped in the middle of its answer.');
}

function pieceOf(text?: string, audio?: string, image?: string): Part | null {
  if (text !== undefined && text !== '') return { type: 'text', text };
  if (audio !== undefined) return { type: 'audio', mediaType: 'audio/pcm', data: Buffer.from(audio, 'base64') };
  return image === undefined ? null : { type: 'image', mediaType: 'image/png', data: Buffer.from(image, 'base64') };
}

async function* answer(call: ProviderCall, key: string): AsyncGenerator<ProviderEvent> {
  const content: Part[] = [];
  const fragments = new Map<string, ToolCallPart & { json: string }>();
  for await (const line of linesOf(await send(call, key), key)) {
    for (const part of wholeParts(line)) {
      append(content, part);
      yield { type: 'delta', part, ...(part.type === 'text' ? { text: part.text } : {}) };
    }
    if (line.callPiece !== undefined) {
      const { id, name, text } = line.callPiece;
      fragments.set(id, { type: 'tool_call', id, name, input: null, json: (fragments.get(id)?.json ?? '') + text });
      yield { type: 'tool_call_delta', id, name, inputText: text };
    }
    if (line.finish === undefined) continue;
    for (const { json, ...part } of fragments.values()) {
      const whole: Part = { ...part, input: JSON.parse(json) as Json };
      content.push(whole);
      yield { type: 'delta', part: whole };
    }
    const finishReason: FinishReason = line.finish === 'tools' ? 'tool_calls' : 'stop';
    const result = { content, finishReason, rawFinishReason: line.finish, usage: usageOf(line), servedModel: null };
    yield { type: 'final', result: { ...result, requestId: null } };
    return;
  }
  throw new VibeError('stream_truncated', 'The toy stopped in the middle of its answer.');
}

function wholeParts({ thought, thoughts = thought ?? '', text = '', calls = [] }: ToyLine): readonly Part[] {
  const parts: Part[] = [];
  if (thoughts !== '') parts.push({ type: 'reasoning', text: thoughts });
  if (text !== '') parts.push({ type: 'text', text });
  return [...parts, ...calls.map((toolCall) => ({ type: 'tool_call', ...toolCall }) as const)];
}

function append(content: Part[], part: Part): void {
  const last = content.at(-1);
  if (last?.type === 'text' && part.type === 'text')
    content[content.length - 1] = { type: 'text', text: last.text + part.text };
  else if (last?.type === 'reasoning' && part.type === 'reasoning')
    content[content.length - 1] = { type: 'reasoning', text: last.text + part.text };
  else content.push(part);
}

function usageOf({ usage }: ToyLine): Usage | null {
  if (usage === undefined) return null;
  const { input, output, cached, thought } = usage;
  const quantities = {
    input_token: input - (cached ?? 0),
    ...(cached === undefined ? {} : { cached_input_token: cached }),
    output_token: output - (thought ?? 0),
    ...(thought === undefined ? {} : { reasoning_token: thought }),
  };
  return { quantities, unknown: false, source: 'provider' };
}

async function send(call: ProviderCall, key: string): Promise<Response> {
  const { signal } = call;
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
  const body = JSON.stringify(bodyOf(call));
  const response = await fetch(`${call.endpoint.baseUrl}/v1/answer`, { method: 'POST', headers, body, signal }).catch(
    (error: unknown) => {
      if (signal.aborted) throw signal.reason;
      throw new VibeError('provider_unavailable', 'The connection broke before the answer.', { cause: error });
    },
  );
  if (response.ok) return response;
  throw await refusal(response, key);
}

const codes = { 400: 'provider_rejected', 401: 'auth', 429: 'provider_rate_limited' } as const;

async function refusal(response: Response, key: string): Promise<VibeError> {
  const { status, headers } = response;
  const retryAfter = headers.get('retry-after');
  return new VibeError(
    codes[status as keyof typeof codes] ?? 'provider_unavailable',
    `The toy refused with ${status}: ${redactSecrets(await response.text(), [key])}`,
    { status, retryAfterMs: retryAfter === null ? undefined : Number(retryAfter) * 1_000 },
  );
}

async function* linesOf(response: Response, key: string): AsyncGenerator<ToyLine> {
  let pending = '';
  const decoder = new TextDecoder();
  try {
    for await (const chunk of response.body ?? []) {
      const lines = (pending + decoder.decode(chunk, { stream: true })).split('\n');
      pending = lines.pop() ?? '';
      for (const line of lines) yield parsed(line, key);
    }
  } catch (error) {
    if (VibeError.is(error) || (error instanceof Error && error.name === 'AbortError')) throw error;
    throw new VibeError('provider_unavailable', 'The connection broke in the middle of the answer.', { cause: error });
  }
  if (pending !== '') yield parsed(pending, key);
}

function parsed(line: string, key: string): ToyLine {
  try {
    return JSON.parse(line) as ToyLine;
  } catch {
    throw new VibeError(
      'invalid_response',
      `The toy said "${redactSecrets(line.slice(0, 40), [key])}", which is no JSON.`,
    );
  }
}
