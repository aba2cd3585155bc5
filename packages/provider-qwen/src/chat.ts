import type { ChatCall, ProviderEvent, WireRequest } from '@vibe/core';
import { type HttpClient, REDACTED } from '@vibe/provider-kit';
import { type ChatDialect, type ChatRoute, chatStreams, describeChat, runChatBatches } from '@vibe/provider-kit/openai';
import type { QwenEndpoint } from './endpoints.js';
import { classifyFor } from './errors.js';
import { nativeBase, ossHeader, serviceOf, sseHeader } from './native.js';
import { isMultimodal, nativeChatBody, nativeChatPath } from './native-body.js';
import { readQwenChunk, statusInComment } from './native-chunk.js';
import { qwenRequest } from './to-wire.js';
import { qwenUsage } from './usage.js';

/** Which of DashScope's two APIs a chat goes over. */
export type QwenApi = 'compatible' | 'native';

/** A chat, in batches of what arrived together. Throws `auth` before anything is sent when there is no key. */
export function streamChat(
  client: HttpClient,
  call: ChatCall,
  place: QwenEndpoint,
  api: QwenApi,
): AsyncIterable<readonly ProviderEvent[]> {
  const { service, secret } = serviceOf(place);
  return runChatBatches(client, call, dialectFor(call), routeFor(call, place, api, secret), service);
}

/** What `streamChat` would send. */
export function describeQwenChat(call: ChatCall, place: QwenEndpoint, api: QwenApi): WireRequest {
  return describeChat(call, dialectFor(call), routeFor(call, place, api, REDACTED));
}

/** DashScope's ways of answering, the same in both APIs. */
export function dialectFor({ endpoint }: ChatCall): ChatDialect {
  return {
    readChunk: readQwenChunk,
    readUsage: qwenUsage,
    statusInComment,
    classify: classifyFor(endpoint),
    ...qwenRequest,
  };
}

function routeFor(call: ChatCall, place: QwenEndpoint, api: QwenApi, key: string): ChatRoute {
  const { endpoint, model, request } = call;
  const uploaded = request.messages.some(({ content }) =>
    content.some((part) => part.type === 'file_ref' && part.uri.startsWith('oss://')),
  );
  const headers = { authorization: `Bearer ${key}`, ...(uploaded && ossHeader) };
  if (api === 'compatible') return { baseUrl: endpoint.baseUrl, headers };
  return {
    baseUrl: nativeBase(place),
    path: nativeChatPath(model),
    headers: { ...headers, ...(chatStreams(call, qwenRequest) && sseHeader) },
    encode: (body) => nativeChatBody(body, isMultimodal(model)),
  };
}
