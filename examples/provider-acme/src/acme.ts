import {
  definePlugin,
  type ModelManifest,
  type ProviderCall,
  type ProviderEvent,
  type ProviderResult,
  type Usage,
  VibeError,
} from '@vibe/core';
import * as kit from '@vibe/provider-kit';

/** What a model can do is said here and nowhere else: the router and the contract suite read it. */
const acmeOne: ModelManifest = {
  id: 'acme-1',
  operations: ['chat'],
  input: ['text'],
  output: ['text'],
  streams: true,
  tools: false,
  structured: false,
  reasoning: false,
  tier: 'standard',
  contextTokens: 32_000,
  maxOutputTokens: 4_000,
};

/** A provider for Acme's text service. */
export const acme = definePlugin({
  name: 'provider-acme',
  specVersion: 'v1',
  create({ baseUrl = 'https://api.acme.example', ...options }: { baseUrl?: string; apiKey?: string }) {
    const key = kit.apiKey({ value: options.apiKey, variables: ['ACME_API_KEY'] }); // read when it is needed
    const client = kit.createHttpClient();
    const service = (): kit.Service => ({ name: 'acme', secrets: [key.read('acme')], classify });
    const headers = (secret = '') => ({ authorization: `Bearer ${secret}` });
    return {
      kind: 'provider',
      id: 'acme',
      endpoints: [{ id: 'main', region: 'eu', baseUrl, keyPresent: () => key.present(), keyName: key.variable }],
      models: [acmeOne],
      describe: (call) => ({ ...wireOf(call), headers: headers(kit.REDACTED) }),
      ping: (endpoint, signal) =>
        kit.ping(client, signal, () => {
          const asked = service();
          return { url: `${endpoint.baseUrl}/v1/health`, headers: headers(asked.secrets[0]), service: asked };
        }),
      async *stream(call) {
        const [asked, { signal, timeout }] = [service(), call];
        const request = { ...wireOf(call), headers: headers(asked.secrets[0]), signal, connectMs: timeout.connectMs };
        const { events } = await kit.requestStream(client, request, asked); // a refusal is thrown as `classify` reads it
        yield* answerOf(events);
      },
      close: () => client.close(),
    };
  },
});

/** What is sent. Pure, so that a dry run shows exactly what a call sends. */
function wireOf(call: ProviderCall) {
  if (call.operation !== 'chat') throw kit.unsupportedOperation('acme', call);
  const { request, model, endpoint } = call;
  const lines = request.messages.flatMap(({ role, content }) =>
    content.map((part) => (part.type === 'text' ? `${role}: ${part.text}` : '')),
  );
  const body = { model: model.id, text: lines.join('\n'), max: request.maxOutputTokens ?? null };
  return { method: 'POST' as const, url: `${endpoint.baseUrl}/v1/answer`, body };
}

/** Deltas, then exactly one `final`; an answer without its end is an error, never a short answer. */
async function* answerOf(batches: AsyncIterable<readonly kit.SseEvent[]>): AsyncGenerator<ProviderEvent> {
  let whole = '';
  for await (const batch of batches) {
    for (const event of batch) {
      if (event.type === 'comment') continue;
      const json = kit.parseJson(event.type === 'message' ? event.data : event.text, 'an event');
      const answer = kit.asWireObject(json, '$');
      const text = kit.readText(answer, 'text', '$') ?? '';
      whole += text;
      if (text !== '') yield { type: 'delta', part: { type: 'text', text }, text };
      const end = kit.readText(answer, 'end', '$');
      if (end !== undefined) return yield { type: 'final', result: resultOf(whole, end, answer) };
    }
  }
  throw new VibeError('stream_truncated', 'acme stopped before the end of its answer.');
}

function resultOf(text: string, end: string, answer: kit.WireObject): ProviderResult {
  return {
    content: [{ type: 'text', text }],
    finishReason: end === 'full' ? 'length' : 'stop',
    rawFinishReason: end,
    usage: usageOf(answer),
    servedModel: null,
    requestId: null,
  };
}

/** What the service does not say is unknown: null, never 0. */
function usageOf(answer: kit.WireObject): Usage | null {
  const [input, output] = [kit.readCount(answer, 'in', '$'), kit.readCount(answer, 'out', '$')];
  if (input === undefined || output === undefined) return null;
  return { quantities: { input_token: input, output_token: output }, unknown: false, source: 'provider' };
}

/** The right code is all that retry, failover and bill depend on. `retry-after` is read by the kit. */
function classify({ status, text }: kit.ServiceFailure): kit.Classification {
  if (status === 401) return { code: 'auth', text, next: ['Check ACME_API_KEY.'] };
  if (status === 429) return { code: 'provider_rate_limited', text };
  return { code: status !== null && status < 500 ? 'provider_rejected' : 'provider_unavailable', text };
}
