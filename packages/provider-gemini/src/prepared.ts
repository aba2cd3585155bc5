import {
  type JsonObject,
  type ModelManifest,
  type ProviderCall,
  VibeError,
  type Warning,
  type WireRequest,
} from '@vibe/core';
import { REDACTED } from '@vibe/provider-kit';

/** One request, ready to be sent. Made by a pure function, so that `describe` shows exactly what a real call sends. */
export interface Prepared {
  readonly url: string;
  readonly body: JsonObject;
  /** Whether the answer comes as a stream of events. */
  readonly streams: boolean;
  /** What was asked for and could not be honoured. */
  readonly warnings: readonly Warning[];
}

/** The address of a method of a model. Facts: without `alt=sse` a stream is one JSON array. */
export function methodUrl({ endpoint, model }: ProviderCall, method: string): string {
  const name = model.id.includes('/') ? model.id : `models/${model.id}`;
  const steps = name.split('/');
  // They would lead to another method than the one that is priced.
  if (steps.some((step) => step === '.' || step === '..' || step === ''))
    throw new VibeError('invalid_request', `"${model.id}" is no model of Gemini. Nothing was sent.`, {
      next: ['Use a name of https://ai.google.dev/gemini-api/docs/models.'],
    });
  const path = steps.map(encodeURIComponent).join('/');
  return `${endpoint.baseUrl}/${path}:${method}`;
}

/** The address of generateContent, for an answer in one piece or in events. */
export function generateUrl(call: ProviderCall): string {
  return methodUrl(call, streams(call) ? 'streamGenerateContent?alt=sse' : 'generateContent');
}

export function streams({ incremental, model }: { incremental: boolean; model: ModelManifest }): boolean {
  return model.streams === 'only' || (incremental && model.streams);
}

/** What a prepared request looks like to people: without the key. */
export function wireOf({ url, body }: Prepared): WireRequest {
  return { method: 'POST', url, headers: keyHeader(REDACTED), body };
}

/** Facts: never in the URL, where logs would keep it. */
export function keyHeader(key: string): Readonly<Record<string, string>> {
  return { 'x-goog-api-key': key };
}
