import { type Call, definePlugin, type MiddlewarePart } from '@vibe/core';

export interface NoEmailOptions {
  /** What stands in place of an address. Default `[email]`. */
  readonly replacement?: string;
}

const address = /[\p{L}\p{N}._%+-]{1,64}@[\p{L}\p{N}.-]{1,255}\.\p{L}{2,}/gu;

/** Takes addresses of e-mail out of every chat before anything else sees it: estimates and other middleware, too. */
const noEmail = definePlugin({
  name: '@vibe/example-middleware-no-email',
  specVersion: 'v1',
  create: ({ replacement = '[email]' }: NoEmailOptions): MiddlewarePart => ({
    kind: 'middleware',
    middleware: (next) => (call) => next(without(call, replacement)),
  }),
});
export default noEmail;

function without(call: Call, replacement: string): Call {
  if (call.operation !== 'chat') return call;
  const messages = call.request.messages.map((message) => ({
    ...message,
    content: message.content.map((part) =>
      // A function, because "$&" in a replacement would bring the address back.
      part.type === 'text' ? { ...part, text: part.text.replace(address, () => replacement) } : part,
    ),
  }));
  return { ...call, request: { ...call.request, messages } };
}
