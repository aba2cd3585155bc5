import type { ChatCall, Quantities } from '@vibe/core';
import { type HttpClient, parseWith, requestJson, type Service } from '@vibe/provider-kit';
import * as z from 'zod';
import { prepareChat } from './chat.js';
import { keyHeader, methodUrl } from './prepared.js';
import { geminiUsage } from './usage.js';
import { geminiAnswer } from './wire.js';

/** Its details look like those of `usageMetadata`. */
const counted = z.looseObject({ totalTokens: z.number().nullish() });

/** The exact input of a chat: the whole request goes to `:countTokens`, which is free. */
export async function countTokens(client: HttpClient, call: ChatCall, service: Service): Promise<Quantities | null> {
  const { model, signal, timeout } = call;
  const name = model.id.includes('/') ? model.id : `models/${model.id}`;
  const { body } = prepareChat(call);
  const { json } = await requestJson(
    client,
    {
      method: 'POST',
      url: methodUrl(call, 'countTokens'),
      headers: keyHeader(service.secrets[0] ?? ''),
      body: { generateContentRequest: { model: name, ...body } },
      signal,
      connectMs: timeout.connectMs,
    },
    service,
  );
  const { totalTokens, ...details } = parseWith(counted, json);
  if (totalTokens === undefined || totalTokens === null) return null;
  const { usageMetadata } = parseWith(geminiAnswer, { usageMetadata: { ...details, promptTokenCount: totalTokens } });
  const usage = usageMetadata === undefined || usageMetadata === null ? null : geminiUsage(usageMetadata);
  return usage?.quantities ?? null;
}
