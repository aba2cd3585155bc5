import type { Quote } from '../wire.js';
import { post, RefusedError } from './api.js';
import { byId, fill, h } from './dom.js';
import { type Encoded, encode, imageTypes, maxAudioBytes, maxImageBytes, maxImages, size } from './files.js';
import { targetName, usdOfDollars, whole } from './format.js';
import { record } from './recorder.js';

/** So long nobody has typed: then the price is asked for. */
const quoteAfterMs = 350;

export interface Draft {
  readonly text: string;
  readonly images: readonly Encoded[];
}

export interface ComposerActions {
  send(draft: Draft): void;
  stop(): void;
  transcribe(sound: Encoded): void;
  /** The request that sending the draft now would make; null: there is nothing to price. */
  request(draft: Draft): object | null;
}

/** The field for messages with everything around it: pictures, sound, the price before sending. */
export class Composer {
  readonly #actions: ComposerActions;
  readonly #form = byId('composer', HTMLFormElement);
  readonly #prompt = byId('prompt', HTMLTextAreaElement);
  readonly #send = byId('send', HTMLButtonElement);
  readonly #pictures = byId('pictures', HTMLElement);
  readonly #quote = byId('quote', HTMLElement);
  readonly #microphone = byId('microphone', HTMLButtonElement);
  #images: readonly Encoded[] = [];
  #busy = false;
  #recording: AbortController | null = null;
  #asking: AbortController | null = null;
  #timer: ReturnType<typeof setTimeout> | null = null;

  constructor(actions: ComposerActions) {
    this.#actions = actions;
    this.#form.addEventListener('submit', (event) => {
      event.preventDefault();
      this.#submit();
    });
    this.#prompt.addEventListener('keydown', (event) => {
      if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) {
        event.preventDefault();
        // Who writes on while an answer comes does not want to lose it.
        if (!this.#busy) this.#submit();
      } else if (event.key === 'Escape' && this.#busy) this.#actions.stop();
    });
    this.#prompt.addEventListener('input', () => this.priceSoon());
    this.#takeFiles();
    this.#microphone.hidden = navigator.mediaDevices === undefined;
    this.#microphone.addEventListener('click', () => void this.#record());
  }

  /** While an answer comes the button stops it. */
  set busy(busy: boolean) {
    this.#busy = busy;
    this.#send.textContent = busy ? 'Stop' : 'Send';
    this.#send.classList.toggle('stop', busy);
  }

  write(text: string): void {
    this.#prompt.value = [this.#prompt.value.trim(), text].filter((each) => each !== '').join('\n');
    this.#prompt.focus();
    this.priceSoon();
  }

  /** Asks for the price of the draft, once the hands rest. */
  priceSoon(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#price(), quoteAfterMs);
  }

  #submit(): void {
    if (this.#busy) {
      this.#actions.stop();
      return;
    }
    const draft = this.#draft();
    if (draft.text === '' && draft.images.length === 0) return;
    this.#prompt.value = '';
    this.#show([]);
    this.#actions.send(draft);
  }

  #draft(): Draft {
    return { text: this.#prompt.value.trim(), images: this.#images };
  }

  async #price(): Promise<void> {
    this.#asking?.abort();
    const draft = this.#draft();
    const request = draft.text === '' && draft.images.length === 0 ? null : this.#actions.request(draft);
    if (request === null) return fill(this.#quote);
    const asking = new AbortController();
    this.#asking = asking;
    try {
      const quote = await post<Quote>('/api/quote', request, asking.signal);
      if (!asking.signal.aborted) fill(this.#quote, quoteText(quote));
    } catch (thrown) {
      if (!asking.signal.aborted)
        fill(this.#quote, thrown instanceof RefusedError ? thrown.message : 'No price: the server does not answer.');
    }
  }

  #takeFiles(): void {
    const attach = byId('attach', HTMLInputElement);
    const sound = byId('sound', HTMLInputElement);
    attach.addEventListener(
      'change',
      () => void this.#attach([...(attach.files ?? [])]).finally(() => (attach.value = '')),
    );
    sound.addEventListener(
      'change',
      () => void this.#attach([...(sound.files ?? [])]).finally(() => (sound.value = '')),
    );
    this.#prompt.addEventListener('paste', (event) => {
      const files = [...(event.clipboardData?.files ?? [])];
      if (files.length === 0) return;
      event.preventDefault();
      void this.#attach(files);
    });
    document.addEventListener('dragover', (event) => {
      event.preventDefault();
      this.#form.classList.add('drop');
    });
    document.addEventListener('dragleave', () => this.#form.classList.remove('drop'));
    document.addEventListener('drop', (event) => {
      event.preventDefault();
      this.#form.classList.remove('drop');
      void this.#attach([...(event.dataTransfer?.files ?? [])]);
    });
  }

  /** Pictures go with the message; sound is written down. */
  async #attach(files: readonly File[]): Promise<void> {
    for (const file of files) {
      if (file.size === 0) this.#complain(`${file.name} is empty.`);
      else if (file.type.startsWith('audio/')) {
        if (file.size > maxAudioBytes)
          this.#complain(`${file.name} is too large: sound may have ${size(maxAudioBytes)}.`);
        else this.#actions.transcribe(await encode(file, file.name));
      } else if (!imageTypes.includes(file.type))
        this.#complain(`${file.name} is neither a picture (PNG, JPEG, WebP, GIF) nor sound.`);
      else if (file.size > maxImageBytes)
        this.#complain(`${file.name} is too large: a picture may have ${size(maxImageBytes)}.`);
      else if (this.#images.length >= maxImages) this.#complain(`A message has at most ${maxImages} pictures.`);
      else this.#show([...this.#images, await encode(file, file.name)]);
    }
  }

  #complain(text: string): void {
    fill(this.#quote, h('span', { role: 'alert' }, text));
  }

  #show(images: readonly Encoded[]): void {
    this.#images = images;
    fill(
      this.#pictures,
      ...images.map((image) => {
        const remove = () => this.#show(this.#images.filter((each) => each !== image));
        const bytes = Uint8Array.from(atob(image.base64), (character) => character.charCodeAt(0));
        const address = URL.createObjectURL(new Blob([bytes], { type: image.mediaType }));
        return h(
          'li',
          {},
          h('img', { src: address, alt: '' }),
          h('span', {}, `${image.name}, ${size(image.bytes)}`),
          h('button', { type: 'button', class: 'small', 'aria-label': `Remove ${image.name}`, onclick: remove }, '×'),
        );
      }),
    );
    this.priceSoon();
  }

  async #record(): Promise<void> {
    if (this.#recording !== null) return this.#recording.abort();
    this.#recording = new AbortController();
    this.#microphone.setAttribute('aria-pressed', 'true');
    this.#microphone.textContent = 'Stop recording';
    const progress = (seconds: number) => {
      this.#microphone.textContent = `Stop recording (${seconds.toFixed(1)} s)`;
    };
    try {
      this.#actions.transcribe(await encode(await record(this.#recording.signal, progress), 'your recording'));
    } catch (thrown) {
      const why = thrown instanceof DOMException ? thrown.message : String(thrown);
      this.#complain(`Nothing was recorded: ${why}. Allow the microphone, and speak for a moment.`);
    } finally {
      this.#recording = null;
      this.#microphone.setAttribute('aria-pressed', 'false');
      this.#microphone.textContent = 'Record';
    }
  }
}

/** `about 1,230 tokens in · at most $0.0012 with qwen-plus @ qwen/cn` */
function quoteText({ inputTokens, worstCaseUsd, target, reasons, verdict }: Quote): string {
  if (target === null) return `Nobody can answer this: ${reasons.join('; ')}.`;
  const parts = [
    inputTokens > 0 ? `at most ${whole(inputTokens)} tokens in` : null,
    `at most ${usdOfDollars(worstCaseUsd)} with ${targetName(target)}`,
    verdict.allowed
      ? null
      : `does not fit the budget${verdict.refusedBy === undefined ? '' : ` "${verdict.refusedBy.id}"`}`,
    verdict.limiterWaitMs > 0 ? `would wait ${Math.ceil(verdict.limiterWaitMs / 1000)} s` : null,
  ];
  return parts.filter((part) => part !== null).join(' · ');
}
