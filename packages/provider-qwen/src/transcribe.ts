import type { ChatCall, JsonObject, ProviderEvent, WireRequest } from '@vibe/core';
import { type HttpClient, mergeOptions, REDACTED } from '@vibe/provider-kit';
import { type ChatDialect, type ChatRoute, chatStreams, describeChat, runChat } from '@vibe/provider-kit/openai';
import type { TranscribeCall } from './calls.js';
import { dialectFor } from './chat.js';
import type { QwenEndpoint } from './endpoints.js';
import { nativeBase, ossHeader, serviceOf, sseHeader } from './native.js';
import { MULTIMODAL_PATH, nativeChatBody } from './native-body.js';
import type { TaskPace } from './task.js';
import { describeFileTranscription, transcribeFile, transcribesFiles } from './transcribe-file.js';

/** Speech to text: of a short audio in one answer that can be streamed, of a long file as a task. */
export function transcribe(
  client: HttpClient,
  call: TranscribeCall,
  place: QwenEndpoint,
  pace: TaskPace,
): AsyncIterable<ProviderEvent> {
  if (transcribesFiles(call.model)) return transcribeFile(client, call, place, pace);
  const { service, secret } = serviceOf(place);
  return runChat(client, asChat(call), dialectOf(call), routeFor(call, place, secret), service);
}

/** What `transcribe` would send first. */
export function describeTranscription(call: TranscribeCall, place: QwenEndpoint): WireRequest {
  if (transcribesFiles(call.model)) return describeFileTranscription(call, place);
  return describeChat(asChat(call), dialectOf(call), routeFor(call, place, REDACTED));
}

/** To the service it is a chat whose one message is the audio. Facts: the US region has only its native form. */
function asChat(call: TranscribeCall): ChatCall {
  return { ...call, operation: 'chat', request: { messages: [{ role: 'user', content: [call.request.audio] }] } };
}

function dialectOf(call: TranscribeCall): ChatDialect {
  return { ...dialectFor(asChat(call)), mustStream: () => false, adapt: () => undefined };
}

function routeFor(call: TranscribeCall, place: QwenEndpoint, key: string): ChatRoute {
  const { audio, language, providerOptions } = call.request;
  const uploaded = audio.type === 'file_ref' && audio.uri.startsWith('oss://');
  const streams = chatStreams(asChat(call), { mustStream: () => false });
  return {
    baseUrl: nativeBase(place),
    path: MULTIMODAL_PATH,
    headers: { authorization: `Bearer ${key}`, ...(uploaded && ossHeader), ...(streams && sseHeader) },
    encode(body) {
      const { input = {}, parameters = {}, ...rest } = nativeChatBody(body, true);
      const { result_format: _, ...kept } = parameters as JsonObject;
      // the service guesses the language when it is not told
      const ours: JsonObject = {
        ...rest,
        input,
        parameters: { ...kept, asr_options: { ...(language !== undefined && { language }), enable_itn: false } },
      };
      return mergeOptions(ours, providerOptions?.['qwen'], ['input', 'parameters'], fixedFields);
    },
  };
}

const fixedFields = [
  { path: 'model', instead: 'Use the model of the request.' },
  { path: 'input.messages', instead: 'Use audio.' },
  { path: 'parameters.incremental_output', instead: 'Use transcribe() or transcribeStream().' },
];
