import { randomUUID } from 'node:crypto';
import {
  type FinishReason,
  type Json,
  type Part,
  type ProviderEvent,
  type Usage,
  VibeError,
  type Warning,
} from '@vibe/core';
import { usageSoFar, withMedia } from '@vibe/provider-kit';
import { geminiFinishReason } from './finish-reason.js';
import { madeId } from './part-data.js';
import { StreamedCall } from './streamed-call.js';
import { geminiUsage } from './usage.js';
import { searchesIn, withSearches } from './web-searches.js';
import type { GeminiAnswer, GeminiFunctionCall, GeminiPart } from './wire.js';

/** Turns the events of one answer into provider events and, at the end, into its result. A unary answer is one event. */
export class GeminiFold {
  readonly #content: Part[] = [];
  readonly #openCalls: { readonly id: string; readonly name: string }[] = [];
  #streamedCall: StreamedCall | null = null;
  #sawParts = false;
  #finishReason: string | null = null;
  #blockReason: string | null = null;
  #isBlocked = false;
  #model: string | null = null;
  #responseId: string | null = null;
  #usage: Usage | null = null;
  #searches = 0;
  /** Whether anything came behind the last usage. */
  #isUncounted = false;

  /** Whether anything arrived that may be billed. */
  get produced(): boolean {
    return this.#content.length > 0 || this.#usage !== null;
  }

  accept(answer: GeminiAnswer): ProviderEvent[] {
    const events: ProviderEvent[] = [];
    // facts: a model may answer as another one, and with the prefix of its resource name
    this.#model = answer.modelVersion?.replace(/^models\//, '') ?? this.#model;
    this.#responseId = answer.responseId ?? this.#responseId;
    this.#blockReason = answer.promptFeedback?.blockReason ?? this.#blockReason;
    this.#isBlocked ||= isBlocked(answer);
    const candidate = answer.candidates?.find(({ index }) => (index ?? 0) === 0);
    for (const part of candidate?.content?.parts ?? []) this.#addPart(part, events);
    this.#isUncounted ||= events.some((event) => event.type === 'delta' && isFilled(event.part));
    // each event tells all of them so far
    this.#searches = Math.max(this.#searches, searchesIn(candidate?.groundingMetadata));
    if (isReason(candidate?.finishReason)) this.#finishReason = candidate.finishReason;
    if (answer.usageMetadata !== null && answer.usageMetadata !== undefined) {
      const said = geminiUsage(answer.usageMetadata);
      if (said !== null) {
        this.#isUncounted = false;
        this.#usage = said; // facts: cumulative, and not monotonic: the last one counts
        events.unshift(usageSoFar(this.#whole(said), events.length));
      }
    }
    return events;
  }

  /**
   * The `final`. `whole` says that the answer came in one piece, so that a missing finish reason is no sign of a cut.
   * Throws `stream_truncated` without any finish reason (an empty 200 too), and `invalid_response` for STOP without a
   * single part. Facts: both happen, are billed, and usually work when repeated, which these codes allow.
   */
  end(service: string, warnings: readonly Warning[], whole: boolean): ProviderEvent {
    const raw = this.#finishReason ?? this.#blockReason;
    if (raw === null && !this.#isBlocked && !(whole && this.#sawParts)) {
      throw new VibeError('stream_truncated', `${service} ended its answer without a finish reason, so it was cut.`, {
        next: ['Make the call again; what was streamed so far may be billed.'],
      });
    }
    if (raw === 'STOP' && !this.#sawParts) {
      throw new VibeError('invalid_response', `${service} finished with STOP but without any content.`, {
        details: { path: '$.candidates[0].content.parts', providerCode: 'STOP' },
        next: ['Make the call again: this happens now and then and usually goes away.'],
      });
    }
    return {
      type: 'final',
      result: {
        content: this.#content,
        finishReason:
          this.#finishReason === null
            ? this.#unnamedReason()
            : geminiFinishReason(this.#finishReason, this.#openCalls.length > 0),
        rawFinishReason: raw,
        usage: this.#usageOfAll(),
        servedModel: this.#model,
        requestId: this.#responseId,
        ...(warnings.length > 0 && { warnings }),
      },
    };
  }

  /** Facts: the count of the output is left out where there is none. Beside an answer its absence is unknown, not free. */
  #usageOfAll(): Usage | null {
    const usage = this.#usage === null ? null : this.#whole(this.#usage);
    if (usage !== null && this.#isUncounted) return { ...usage, unknown: true, source: 'partial' };
    const counted = ['output_token', 'output_audio_token', 'output_image_token'];
    if (usage === null || counted.some((unit) => usage.quantities[unit] !== undefined)) return usage;
    return this.#content.some(isOutput) ? { ...usage, unknown: true, source: 'partial' } : usage;
  }

  /** With what the service did not count itself: media that its usage does not name, and searches. */
  #whole(usage: Usage): Usage {
    return withSearches(withMedia(usage, this.#content), this.#searches, this.#model ?? '');
  }

  /** Facts: a blocked prompt has no candidate, only a reason of its own. */
  #unnamedReason(): FinishReason {
    return this.#isBlocked ? 'content_filter' : 'other';
  }

  #addPart(part: GeminiPart, events: ProviderEvent[]): void {
    if (Object.keys(part).length === 0) return; // facts: Vertex sends `{}`, and no service takes it back
    this.#sawParts = true;
    if (part.functionCall) this.#addCall(part.functionCall, part.thoughtSignature ?? undefined, events);
    else if (typeof part.text === 'string') this.#addText(part, part.text, events);
    else this.#addWhole(wholePart(part), events);
    if (part.functionResponse) this.#closeCall(part.functionResponse);
  }

  /** A signature belongs to its own part: signed parts are not merged with others. */
  #addText(part: GeminiPart, text: string, events: ProviderEvent[]): void {
    const data = signed(part.thoughtSignature);
    if (text === '' && data === undefined) return;
    const type = part.thought === true ? 'reasoning' : 'text';
    const last = this.#content.at(-1);
    if (data === undefined && last?.type === type && last.providerData === undefined) {
      this.#content[this.#content.length - 1] = { type, text: last.text + text };
    } else this.#content.push({ type, text, ...data });
    const delta: Part = { type, text, ...data };
    events.push(type === 'text' ? { type: 'delta', part: delta, text } : { type: 'delta', part: delta });
  }

  #addWhole(part: Part, events: ProviderEvent[]): void {
    this.#content.push(part);
    events.push(part.type === 'text' ? { type: 'delta', part, text: part.text } : { type: 'delta', part });
  }

  #addCall(call: GeminiFunctionCall, signature: string | undefined, events: ProviderEvent[]): void {
    if (this.#streamedCall === null && call.willContinue !== true) {
      this.#finishCall(call.name ?? undefined, call.id ?? undefined, (call.args ?? {}) as Json, signature, events);
      return;
    }
    this.#streamedCall ??= new StreamedCall(call.name ?? '', call.id ?? undefined, signature);
    for (const argument of call.partialArgs ?? []) this.#streamedCall.add(argument);
    if (call.willContinue === true) return;
    const { name, id, args, signature: first } = this.#streamedCall;
    this.#streamedCall = null;
    this.#finishCall(name, id, args, first, events);
  }

  #finishCall(
    name: string | undefined,
    given: string | undefined,
    input: Json,
    signature: string | undefined,
    events: ProviderEvent[],
  ): void {
    if (name === undefined || name === '') {
      throw new VibeError('invalid_response', "Gemini's answer contains a function call without a name.", {
        details: { path: '$.candidates[0].content.parts[].functionCall.name' },
        next: ['Make the call again.'],
      });
    }
    const id = given ?? madeId(randomUUID());
    this.#openCalls.push({ id, name });
    this.#addWhole({ type: 'tool_call', id, name, input, ...signed(signature) }, events);
  }

  /** Facts: server-side tools answer their own calls in the same stream; the caller has nothing left to do for those. */
  #closeCall({ id, name }: NonNullable<GeminiPart['functionResponse']>): void {
    const at = this.#openCalls.findIndex((call) => call.id === id || call.name === name);
    if (at >= 0) this.#openCalls.splice(at, 1);
  }
}

/** Some gateways write every field into every event: empty, or with the value that stands for none. */
function isReason(reason: string | null | undefined): reason is string {
  return typeof reason === 'string' && reason !== '' && reason !== 'FINISH_REASON_UNSPECIFIED';
}

/** Whether a part has anything of an answer or of thoughts in it. */
function isFilled(part: Part): boolean {
  return (part.type !== 'text' && part.type !== 'reasoning') || part.text !== '';
}

/** Whether a part must have cost output: thoughts have a count of their own, and a signature comes with no word. */
function isOutput(part: Part): boolean {
  return part.type === 'text' ? part.text !== '' : part.type !== 'reasoning';
}

/** Facts: a blocked prompt names a reason, or only has a message about it. */
export function isBlocked({ promptFeedback }: GeminiAnswer): boolean {
  return typeof (promptFeedback?.blockReason ?? promptFeedback?.blockReasonMessage) === 'string';
}

/** A part that comes in one piece. A kind without a form here is an empty text that carries the part for the next turn. */
function wholePart(part: GeminiPart): Part {
  const data = signed(part.thoughtSignature);
  // drafts that a model makes while it thinks are no answer; they only go back with the conversation
  if (part.thought === true) return opaque(part);
  if (part.inlineData?.mimeType.startsWith('image/')) {
    return { type: 'image', mediaType: part.inlineData.mimeType, data: part.inlineData.data, ...data };
  }
  if (part.inlineData?.mimeType.startsWith('audio/')) {
    return { type: 'audio', mediaType: part.inlineData.mimeType, data: part.inlineData.data, ...data };
  }
  if (part.fileData) {
    const mediaType = part.fileData.mimeType ?? 'application/octet-stream';
    return { type: 'file_ref', uri: part.fileData.fileUri, mediaType, ...data };
  }
  return opaque(part);
}

function opaque(part: GeminiPart): Part {
  return { type: 'text', text: '', providerData: { part: part as { readonly [key: string]: Json } } };
}

function signed(
  thoughtSignature: string | null | undefined,
): { providerData: { thoughtSignature: string } } | undefined {
  return typeof thoughtSignature === 'string' && thoughtSignature !== ''
    ? { providerData: { thoughtSignature } }
    : undefined;
}
