import { completeDashscopeChat } from './dashscope/chat.js';
import { listDashscopeModels } from './dashscope/models.js';
import { nativeEndpoints } from './dashscope/native/endpoints.js';
import { dashscopeNativeWire } from './dashscope/native/wire.js';
import { dashscopeWire } from './dashscope/wire.js';
import type { Endpoint } from './endpoint.js';
import { refuse } from './errors.js';
import { geminiEndpoints } from './gemini/endpoints.js';
import { geminiWire } from './gemini/wire.js';
import { asString, type JsonObject } from './json.js';
import { completeChat, listOpenaiModels, openaiWire } from './openai/chat.js';
import { readChatRequest } from './openai/chat-request.js';

const bare = { model: () => null, stream: () => false, prompt: () => '' };

const chat = {
  method: 'POST',
  model: (_: unknown, body: JsonObject) => asString(body['model']),
  stream: (body: JsonObject) => body['stream'] === true,
  prompt: (body: JsonObject) => readChatRequest(body).prompt,
} as const;

/** Everything that is spoken, by method and path. */
export const endpoints: readonly Endpoint[] = [
  ...geminiEndpoints,
  {
    ...chat,
    wire: dashscopeWire,
    name: 'qwen.chat',
    path: /^\/compatible-mode\/v1\/chat\/completions$/,
    reply: completeDashscopeChat,
  },
  {
    ...bare,
    wire: dashscopeWire,
    name: 'qwen.models',
    method: 'GET',
    path: /^\/compatible-mode\/v1\/models$/,
    reply: listDashscopeModels,
  },
  ...nativeEndpoints,
  { ...chat, wire: openaiWire, name: 'openai.chat', path: /^\/v1\/chat\/completions$/, reply: completeChat },
  { ...bare, wire: openaiWire, name: 'openai.models', method: 'GET', path: /^\/v1\/models$/, reply: listOpenaiModels },
];

/** The endpoint for a request and the model its path names. Unknown paths get the "not found" of the wire they are under. */
export function findEndpoint(method: string, path: string): { endpoint: Endpoint; pathModel: string | undefined } {
  for (const endpoint of endpoints) {
    const match = endpoint.method === method ? endpoint.path.exec(path) : null;
    if (match) return { endpoint, pathModel: match[1] };
  }
  return { endpoint: nothing(path), pathModel: undefined };
}

function nothing(path: string): Endpoint {
  const wire = /^\/(upload\/)?v1beta/.test(path)
    ? geminiWire
    : path.startsWith('/compatible-mode/')
      ? dashscopeWire
      : path.startsWith('/api/')
        ? dashscopeNativeWire
        : openaiWire;
  return {
    ...bare,
    name: `${wire.name}.unknown`,
    wire,
    method: 'GET',
    path: /$^/,
    reply: (exchange) => refuse(exchange, { reason: 'path_not_found' }),
  };
}
