import type { CallRequest } from '../wire.js';
import { Answer } from './answer.js';
import { cancelCall, runCall } from './api.js';
import { Composer, type Draft } from './composer.js';
import { byId, h } from './dom.js';
import { EndOfLog } from './end-of-log.js';
import type { Encoded } from './files.js';
import { count } from './format.js';
import { chosen } from './settings.js';

interface Turn {
  readonly role: 'user' | 'assistant';
  readonly text: string;
  readonly images: readonly Encoded[];
}

/** Speech models take no more at once. */
const maxSpokenCharacters = 600;
/** Older messages are not told any more; with the new one it begins with the user's word. */
const maxTurns = 98;
const paintCommand = /^\/paint\s+(.+)/s;

/** What has been said, and what is being said. Kept in this page only. */
export class Conversation {
  /** Money of this page has a budget of its own. */
  readonly id = crypto.randomUUID();
  readonly #log = byId('log', HTMLElement);
  readonly #end = new EndOfLog(this.#log, byId('composer', HTMLElement));
  readonly #composer: Composer;
  #turns: readonly Turn[] = [];
  #running: string | null = null;

  constructor() {
    this.#composer = new Composer({
      send: (draft) => this.#send(draft),
      stop: () => this.#stop(),
      transcribe: (sound) => void this.#transcribe(sound),
      request: (draft) => this.#request(draft),
    });
  }

  priceAgain(): void {
    this.#composer.priceSoon();
  }

  #send(draft: Draft): void {
    this.#add(userMessage(draft));
    void this.#ask(draft);
  }

  /** Asks for an answer to a draft; `model` instead of the chosen one, when the user takes a cheaper route. */
  async #ask(draft: Draft, model?: string): Promise<void> {
    const request = this.#request(draft, model);
    if (this.#running !== null || request === null) return;
    const { id } = request;
    this.#running = id;
    this.#composer.busy = true;
    const title = request.kind === 'paint' ? `Picture: ${request.prompt}` : 'Answer';
    const actions = { retryWith: (cheaper: string) => void this.#ask(draft, cheaper), speak: request.kind === 'chat' };
    const answer = await this.#run(request, title, actions).finally(() => {
      this.#running = null;
      this.#composer.busy = false;
    });
    // What failed without a word is not part of the conversation: the next message would tell it again.
    if (answer.text !== '' && request.kind === 'chat')
      this.#turns = [...this.#turns, { role: 'user', ...draft }, { role: 'assistant', text: answer.text, images: [] }];
  }

  #stop(): void {
    if (this.#running !== null) void cancelCall(this.#running);
  }

  async #transcribe(sound: Encoded): Promise<void> {
    const { mediaType, base64, name } = sound;
    const answer = await this.#run(
      { ...this.#base(), model: 'auto', kind: 'transcribe', mediaType, base64 },
      `What ${name} says`,
    );
    if (answer.text !== '') this.#composer.write(answer.text);
  }

  #speak(text: string, below: HTMLElement): void {
    const spoken = text.slice(0, maxSpokenCharacters);
    const title = spoken === text ? 'The answer, spoken' : `The first ${maxSpokenCharacters} characters, spoken`;
    void this.#run({ ...this.#base(), model: 'auto', kind: 'speak', text: spoken }, title, { into: below });
  }

  /** Runs any call and shows all about it. Resolves when it has ended, however. */
  async #run(
    request: CallRequest,
    title: string,
    options: {
      readonly retryWith?: (model: string) => void;
      readonly speak?: boolean;
      readonly into?: HTMLElement;
    } = {},
  ): Promise<Answer> {
    const { retryWith, speak = false, into } = options;
    const answer = new Answer(title, {
      cancel: () => void cancelCall(request.id),
      retryWith: retryWith ?? ((model) => void this.#run({ ...request, id: crypto.randomUUID(), model }, title)),
      speak: speak ? (text, below) => this.#speak(text, below) : null,
    });
    if (into === undefined) this.#add(answer.element);
    else into.append(answer.element);
    for await (const event of runCall(request)) answer.tell(event);
    // For those who hear the page: not every piece of an answer, but that it is there, and what it cost.
    byId('announce', HTMLElement).textContent = `${title}: ${answer.outcome}`;
    return answer;
  }

  #request(draft: Draft, model?: string): Extract<CallRequest, { kind: 'chat' | 'paint' }> {
    const base = { ...this.#base(), ...(model !== undefined && { model }) };
    const paint = paintCommand.exec(draft.text)?.[1];
    // A picture model is another kind of model than the one chosen for the chat.
    if (paint !== undefined)
      return { ...base, model: model ?? 'auto', kind: 'paint' as const, prompt: paint, images: draft.images.map(sent) };
    const turns: readonly Turn[] = [...this.#turns.slice(-maxTurns), { role: 'user', ...draft }];
    const seeing = turns.findLast(({ images }) => images.length > 0);
    const messages = turns.map((turn) => ({
      role: turn.role,
      // The latest pictures only: every one of them is paid for again with every message. No message is empty without them.
      text: turn !== seeing && turn.text === '' ? `(${count(turn.images.length, 'picture')})` : turn.text,
      images: turn === seeing ? turn.images.map(sent) : [],
    }));
    return { ...base, kind: 'chat' as const, messages };
  }

  #base() {
    return { id: crypto.randomUUID(), conversation: this.id, ...chosen() };
  }

  #add(element: HTMLElement): void {
    byId('welcome', HTMLElement).hidden = true;
    this.#log.append(element);
    this.#end.follow(element);
  }
}

/** A picture as a request carries it. */
function sent({ mediaType, base64 }: Encoded) {
  return { mediaType, base64 };
}

function userMessage({ text, images }: Draft): HTMLElement {
  const pictures = images.map(({ name }) => h('p', { class: 'quiet' }, `Picture: ${name}`));
  return h('article', { class: 'message user', 'aria-label': 'Your message' }, ...pictures, h('p', {}, text));
}
