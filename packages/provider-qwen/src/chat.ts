import type { ChatCall, ProviderEvent, WireRequest } from '@vibe/core';
import { type HttpClient, REDACTED } from '@vibe/provider-kit';
import { type ChatDialect, type ChatRoute, describeChat, runChat } from '@vibe/provider-kit/openai';
import type { QwenEndpoint } from './endpoints.js';
import { classifyFor } from './errors.js';
import { qwenRequest } from './to-wire.js';

/** A chat over the compatible endpoint. Throws `auth` before anything is sent when there is no key. */
export function streamChat(
  client: HttpClient,
  call: ChatCall,
  { endpoint, key }: QwenEndpoint,
): AsyncIterable<ProviderEvent> {
  const name = `qwen@${endpoint.id}`;
  const secret = key.read(name);
  const dialect = dialectFor(call);
  const service = { name, secrets: [secret], classify: dialect.classify };
  return runChat(client, call, dialect, routeFor(call, secret), service);
}

/** What `streamChat` would send. */
export function describeQwenChat(call: ChatCall): WireRequest {
  return describeChat(call, dialectFor(call), routeFor(call, REDACTED));
}

function dialectFor({ endpoint }: ChatCall): ChatDialect {
  return { ...qwenRequest, classify: classifyFor(endpoint) };
}

function routeFor({ endpoint, request }: ChatCall, key: string): ChatRoute {
  const uploaded = request.messages.some(({ content }) =>
    content.some((part) => part.type === 'file_ref' && part.uri.startsWith('oss://')),
  );
  return {
    baseUrl: endpoint.baseUrl,
    headers: {
      authorization: `Bearer ${key}`,
      ...(uploaded && { 'x-dashscope-ossresourceresolve': 'enable' }), // facts: oss:// addresses need it
    },
  };
}
