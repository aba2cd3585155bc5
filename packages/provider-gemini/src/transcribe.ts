import type { JsonObject, ProviderCall, Warning } from '@vibe/core';
import { AUDIO_TOKENS_PER_SECOND, audioPart, boundSeconds } from './audio-input.js';
import { withOptions } from './options-on-wire.js';
import { generateUrl, type Prepared, streams } from './prepared.js';
import { leastThinking } from './thinking.js';

type TranscribeCall = Extract<ProviderCall, { operation: 'transcribe' }>;

/** Facts: transcription has no endpoint of its own; the words are those of a recorded call. */
const INSTRUCTION = 'Transcribe the provided audio and respond with only the transcript text.';

/** Nobody speaks more than half as many tokens of text as his voice has tokens of sound. */
const TEXT_TOKENS_PER_SECOND = AUDIO_TOKENS_PER_SECOND / 2;
/** Room for what the model says and thinks besides the transcript. */
const SPARE_TOKENS = 2_048;

/** A transcription: a chat model is given the sound and told to write it down. */
export function prepareTranscription(call: TranscribeCall): Prepared {
  const { request, model } = call;
  const warnings: Warning[] = [];
  const cap = transcriptCap(request, model.maxOutputTokens);
  const thinking = leastThinking(model.id);
  const body: JsonObject = {
    contents: [{ role: 'user', parts: [{ text: instruction(request.language) }, audioPart(request.audio)] }],
    generationConfig: {
      ...(cap !== undefined && { maxOutputTokens: cap }),
      ...(thinking !== undefined && { thinkingConfig: thinking }),
    },
  };
  return { url: generateUrl(call), body: withOptions(body, request), streams: streams(call), warnings };
}

function instruction(language: string | undefined): string {
  return language === undefined ? INSTRUCTION : `${INSTRUCTION} The language of the audio is ${language}.`;
}

/** What is sent as maxOutputTokens, and so the bound of the bill: the longest transcript the sound can have. */
export function transcriptCap({ audio }: TranscribeCall['request'], modelCap: number | undefined): number | undefined {
  const seconds = boundSeconds(audio);
  if (seconds === null) return modelCap;
  return Math.min(modelCap ?? Number.POSITIVE_INFINITY, SPARE_TOKENS + Math.ceil(seconds * TEXT_TOKENS_PER_SECOND));
}
