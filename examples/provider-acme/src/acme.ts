import { type ChatCall, definePlugin, type ModelManifest, type ProviderEvent } from '@vibe/core';
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
const acme = definePlugin({
  name: 'provider-acme',
  specVersion: 'v1',
  create: ({ baseUrl = 'https://api.acme.example', apiKey }: { baseUrl?: string; apiKey?: string }, host) =>
    kit.httpProvider({
      id: 'acme',
      host,
      endpoints: [{ id: 'main', region: 'eu', baseUrl, apiKey, keyEnv: 'ACME_API_KEY' }],
      models: [acmeOne],
      operations: { chat: { request, answer } },
      classify,
      pingPath: '/v1/health',
    }),
});
export default acme;

/** What is sent. Pure, so that a dry run shows exactly what a call sends. */
function request({ request: { messages, maxOutputTokens }, model }: ChatCall): kit.OperationWire {
  const text = messages.map((message) => `${message.role}: ${kit.messageText('acme', message)}`).join('\n');
  return { path: '/v1/answer', body: { model: model.id, text, max: maxOutputTokens ?? null } };
}

/** Deltas, then exactly one `final`. What the service does not say is unknown: null, never 0. */
async function* answer(documents: AsyncIterable<kit.WireObject>): AsyncGenerator<ProviderEvent> {
  let whole = '';
  for await (const document of documents) {
    const text = kit.readText(document, 'text', '$') ?? '';
    if (text !== '') yield kit.textDelta(text);
    whole += text;
    const end = kit.readText(document, 'end', '$');
    if (end === undefined) continue;
    const [input, output] = [kit.readCount(document, 'in', '$'), kit.readCount(document, 'out', '$')];
    const usage = kit.toldUsage({ input_token: input, output_token: output });
    const finishReason = end === 'full' ? 'length' : 'stop';
    const told = { finishReason, rawFinishReason: end, usage, servedModel: null, requestId: null } as const;
    yield { type: 'final', result: { content: [{ type: 'text', text: whole }], ...told } };
  }
}

/** The right code is all that retry, failover and bill depend on. `retry-after` is read by the kit. */
function classify({ status, text }: kit.ServiceFailure): kit.Classification {
  if (status === 401) return { code: 'auth', text, next: ['Check ACME_API_KEY.'] };
  if (status === 429) return { code: 'provider_rate_limited', text };
  return { code: status !== null && status < 500 ? 'provider_rejected' : 'provider_unavailable', text };
}
