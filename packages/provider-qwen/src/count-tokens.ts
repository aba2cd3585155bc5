import { type ChatCall, chatTexts, type Quantities } from '@vibe/core';
import { type HttpClient, parseWith, requestJson } from '@vibe/provider-kit';
import * as z from 'zod';
import type { QwenEndpoint } from './endpoints.js';
import { nativeBase, serviceOf } from './native.js';

const counted = z.looseObject({ usage: z.looseObject({ input_tokens: z.number().nullish() }).nullish() });

/**
 * The input of a chat by DashScope's tokenizer, which is free. Facts: it counts words only; what stands around messages and
 * tools is the bound of the estimate. Null for requests with anything but words, and where no native API is known.
 */
export async function countTokens(client: HttpClient, call: ChatCall, place: QwenEndpoint): Promise<Quantities | null> {
  const { request, model, signal, timeout } = call;
  const isWords = request.messages.every(({ content }) => content.every(({ type }) => !mediaTypes.has(type)));
  if (!isWords || place.nativeBaseUrl === undefined) return null;
  const { texts, tokensAround } = chatTexts(request, 'qwen');
  const messages = texts.filter((text) => text !== '').map((content) => ({ role: 'user', content }));
  const { service, secret } = serviceOf(place);
  const { json } = await requestJson(
    client,
    {
      method: 'POST',
      url: `${nativeBase(place)}/tokenizer`,
      headers: { authorization: `Bearer ${secret}` },
      body: { model: model.id, input: { messages } },
      signal,
      connectMs: timeout.connectMs,
    },
    service,
  );
  const words = parseWith(counted, json).usage?.input_tokens;
  return words === undefined || words === null ? null : { input_token: words + tokensAround };
}

const mediaTypes: ReadonlySet<string> = new Set(['image', 'audio', 'file_ref']);
