import type { ImagePart, Message, PaintInput, Part, RequestBase } from '@vibe/core';
import { VibeError } from '@vibe/core';
import { z } from 'zod';
import { routeNames } from '../wire.js';

/** What one request may carry, in bytes: pictures and sound come as base64. */
export const maxBodyBytes = 16_000_000;
const maxTextCharacters = 100_000;
const maxMessages = 200;
const maxImages = 4;
const maxImageCharacters = 7_000_000;
const maxAudioCharacters = 14_000_000;

const image = z.object({
  mediaType: z.string().regex(/^image\/(png|jpeg|webp|gif)$/),
  base64: z.base64().max(maxImageCharacters),
});

const message = z.object({
  role: z.enum(['user', 'assistant']),
  text: z.string().max(maxTextCharacters),
  images: z.array(image).max(maxImages).default([]),
});

const common = {
  /** Made by the page, so that it can cancel the call before it has heard anything of it. */
  id: z.uuid(),
  conversation: z.uuid(),
  model: z.string().min(1).max(200).default('auto'),
  route: z.enum(routeNames).default('smart'),
  regions: z.array(z.string().min(1).max(20)).min(1).max(10).optional(),
};

const callInput = z.discriminatedUnion('kind', [
  z.object({ ...common, kind: z.literal('chat'), messages: z.array(message).min(1).max(maxMessages) }),
  z.object({ ...common, kind: z.literal('speak'), text: z.string().min(1).max(5_000) }),
  z.object({
    ...common,
    kind: z.literal('paint'),
    prompt: z.string().min(1).max(4_000),
    images: z.array(image).max(maxImages).default([]),
  }),
  z.object({
    ...common,
    kind: z.literal('transcribe'),
    mediaType: z.string().regex(/^audio\/[\w.+-]{1,40}$/),
    base64: z.base64().min(1).max(maxAudioCharacters),
  }),
]);

export type CallInput = z.infer<typeof callInput>;
/** What a page may send. */
export type CallRequest = z.input<typeof callInput>;

/** A request of the page. Throws `invalid_request` with every problem. */
export function readCall(body: unknown): CallInput {
  const parsed = callInput.safeParse(body);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues
    .slice(0, 5)
    .map(({ path, message: why }) => `${path.join('.') || 'body'}: ${why}`);
  throw new VibeError('invalid_request', `The request cannot be read: ${problems.join('; ')}.`, {
    next: ['Reload the page: it may be older than the server.'],
  });
}

/** What every operation says. The trace id is how the events of a call find the page that waits for it. */
export function requestBase({ id, conversation, model, route, regions }: CallInput): RequestBase {
  return {
    model,
    route,
    traceId: traceIdOf(id),
    tags: { conversation, app: 'chat' },
    ...(regions !== undefined && { regions }),
  };
}

export function traceIdOf(id: string): string {
  return id.replaceAll('-', '').toLowerCase();
}

export function messagesOf(messages: Extract<CallInput, { kind: 'chat' }>['messages']): readonly Message[] {
  return messages.map(({ role, text, images }): Message => {
    if (images.length === 0) return { role, content: text };
    const words: readonly Part[] = text === '' ? [] : [{ type: 'text', text }];
    return { role, content: [...imagesOf(images), ...words] };
  });
}

function imagesOf(images: readonly z.infer<typeof image>[]): readonly ImagePart[] {
  return images.map(({ mediaType, base64 }) => ({ type: 'image', mediaType, data: base64 }));
}

/** A picture to paint, after others where some are sent along. */
export function paintOf({
  prompt,
  images,
}: Extract<CallInput, { kind: 'paint' }>): Pick<PaintInput, 'prompt' | 'images'> {
  return { prompt, ...(images.length > 0 && { images: imagesOf(images) }) };
}
