import type { Part, ProviderEvent, ProviderResult, Usage, Warning } from '@vibe/core';
import { usageSoFar } from '../provider/events.js';
import { withMedia } from '../wire/quantities.js';
import type { ChatChoice, ChatChunk } from './chunk.js';
import type { ChatDialect } from './dialect.js';
import { chatFinishReason } from './finish-reason.js';
import { ToolCalls } from './tool-calls.js';
import { chatUsage } from './usage.js';

/** A piece of the answer while it grows. A tool call is a position in the list of calls. */
type Piece =
  | { readonly type: 'text' | 'reasoning'; text: string }
  | { readonly type: 'audio'; readonly chunks: Buffer[] }
  | { readonly type: 'tool_call'; readonly position: number };

/** Turns the chunks of one answer into events and, at the end, into its result. */
export class ChatFold {
  readonly #dialect: ChatDialect;
  readonly #pieces: Piece[] = [];
  readonly #calls = new ToolCalls();
  #callCount = 0;
  #finishReason: string | null = null;
  #refused = false;
  #id = '';
  #model: string | null = null;
  #usage: Usage | null = null;
  #serviceTier: string | undefined;
  /** Whether anything came behind the last usage. */
  #isUncounted = false;

  constructor(dialect: ChatDialect) {
    this.#dialect = dialect;
  }

  /** Whether the service said why the answer ended. A stream that ends without was cut. */
  get finished(): boolean {
    return this.#finishReason !== null;
  }

  /** Whether anything arrived that may be billed. */
  get produced(): boolean {
    return this.#pieces.length > 0 || this.#usage !== null;
  }

  accept(chunk: ChatChunk): ProviderEvent[] {
    const events: ProviderEvent[] = [];
    if (chunk.id !== undefined && chunk.id !== '') this.#id = chunk.id;
    if (chunk.model !== undefined && chunk.model !== '') this.#model = chunk.model;
    if (chunk.serviceTier !== undefined) this.#serviceTier = chunk.serviceTier;
    if (chunk.choice !== undefined) this.#acceptChoice(chunk.choice, events);
    const said = chunk.usage === undefined ? null : (this.#dialect.readUsage ?? chatUsage)(chunk.usage);
    if (said !== null) {
      const usage = withMedia(said, this.#pieces);
      this.#usage = usage;
      this.#isUncounted = false;
      events.unshift(usageSoFar(this.#tiered(usage), events.length));
    }
    return events;
  }

  /** Words of an event that has nothing else. */
  addText(type: 'text' | 'reasoning', text: string, events: ProviderEvent[]): void {
    if (text === '') return;
    this.#isUncounted = true;
    const last = this.#pieces.at(-1);
    if (last?.type === type) last.text += text;
    else this.#pieces.push({ type, text });
    events.push(
      type === 'text' ? { type: 'delta', part: { type, text }, text } : { type: 'delta', part: { type, text } },
    );
  }

  /** The complete tool calls as deltas, then `final`. */
  end(requestId: string | null, warnings: readonly Warning[]): ProviderEvent[] {
    const found = [...warnings];
    const content: Part[] = [];
    const events: ProviderEvent[] = [];
    for (const piece of this.#pieces) {
      if (piece.type === 'tool_call') {
        const { part, warning } = this.#calls.part(piece.position);
        if (warning !== undefined) found.push(warning);
        content.push(part);
        events.push({ type: 'delta', part });
      } else if (piece.type === 'audio') {
        content.push({ type: 'audio', mediaType: this.#dialect.audioOutput, data: Buffer.concat(piece.chunks) });
      } else {
        content.push(piece);
      }
    }
    events.push({ type: 'final', result: this.#result(content, requestId, found) });
    return events;
  }

  #result(content: readonly Part[], requestId: string | null, warnings: readonly Warning[]): ProviderResult {
    const finishReason = chatFinishReason(this.#finishReason, this.#callCount > 0);
    return {
      content,
      finishReason: this.#refused && finishReason === 'stop' ? 'content_filter' : finishReason,
      rawFinishReason: this.#finishReason,
      usage: this.#usageOf(content),
      servedModel: this.#model,
      requestId: requestId ?? (this.#id === '' ? null : this.#dialect.requestId(this.#id)),
      ...(warnings.length > 0 && { warnings }),
    };
  }

  #tiered(usage: Usage): Usage {
    return this.#serviceTier === undefined ? usage : { ...usage, serviceTier: this.#serviceTier };
  }

  /** Some services send their usage first, or now and then: what came behind it is not in it. */
  #usageOf(content: readonly Part[]): Usage | null {
    if (this.#usage === null) return null;
    const usage = withMedia(this.#tiered(this.#usage), content);
    return this.#isUncounted ? { ...usage, unknown: true, source: 'partial' } : usage;
  }

  #acceptChoice(choice: ChatChoice, events: ProviderEvent[]): void {
    if (choice.reasoning !== undefined) this.addText('reasoning', choice.reasoning, events);
    if (choice.text !== undefined) this.addText('text', choice.text, events);
    if (choice.refusal !== undefined && choice.refusal !== '') {
      this.#refused = true;
      this.addText('text', choice.refusal, events);
    }
    if (choice.audio !== undefined) this.#addAudio(choice.audio, events);
    for (const fragment of choice.toolCalls) {
      const { event, begins } = this.#calls.add(fragment);
      if (begins) this.#pieces.push({ type: 'tool_call', position: this.#callCount++ });
      if (fragment.inputText !== '') this.#isUncounted = true;
      events.push(event);
    }
    if (choice.finishReason !== undefined) this.#finishReason = choice.finishReason;
  }

  /** Facts: with audio output the words come as a transcript in the same field, in pieces. */
  #addAudio(audio: NonNullable<ChatChoice['audio']>, events: ProviderEvent[]): void {
    if (audio.transcript !== undefined) this.addText('text', audio.transcript, events);
    if (audio.data === undefined || audio.data === '') return;
    const bytes = Buffer.from(audio.data, 'base64');
    const last = this.#pieces.findLast((piece) => piece.type === 'audio');
    if (last !== undefined) last.chunks.push(bytes);
    else this.#pieces.push({ type: 'audio', chunks: [bytes] });
    events.push({ type: 'delta', part: { type: 'audio', mediaType: this.#dialect.audioOutput, data: bytes } });
  }
}
