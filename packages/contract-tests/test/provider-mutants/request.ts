import type { AnyRequest, ChatRequest, PartsMessage, Provider, ProviderCall } from '@vibe/core';
import type { ProviderMutant, ProviderMutants } from './mutant.js';

/** Asks for something else than it was asked, in dry runs as well. */
const asking =
  (change: (request: AnyRequest) => object): ProviderMutant['mutate'] =>
  (provider: Provider) => {
    const changed = (call: ProviderCall) => ({ ...call, request: change(call.request) }) as ProviderCall;
    return {
      ...provider,
      stream: (call) => provider.stream(changed(call)),
      describe: (call) => (provider.describe as NonNullable<typeof provider.describe>)(changed(call)),
    };
  };

/** Asks with other messages. */
const saying = (change: (messages: readonly PartsMessage[]) => readonly PartsMessage[]) =>
  asking((request) => {
    const { messages } = request as ChatRequest;
    return messages === undefined ? request : { ...request, messages: change(messages) };
  });

const without = (...keys: readonly string[]) =>
  asking((request) => Object.fromEntries(Object.entries(request).filter(([key]) => !keys.includes(key))));

/** Wrong about what they ask. */
export const requestMutants: ProviderMutants = {
  'asks one model whatever was chosen': {
    caughtBy: 'request',
    mutate: (provider) => {
      const changed = (call: ProviderCall) => ({ ...call, model: { ...call.model, id: 'toy-1' } });
      return {
        ...provider,
        stream: (call) => provider.stream(changed(call)),
        describe: (call) => (provider.describe as NonNullable<typeof provider.describe>)(changed(call)),
      };
    },
  },
  'sends only the first of several tools': {
    caughtBy: 'request',
    mutate: asking((request) => {
      const { tools } = request as ChatRequest;
      return tools === undefined ? request : { ...request, tools: tools.slice(0, 1) };
    }),
  },
  'lets the service write as much as it likes': { caughtBy: 'request', mutate: without('maxOutputTokens') },
  'always asks for the same cap': {
    caughtBy: 'request',
    mutate: asking((request) => ({ ...request, maxOutputTokens: 4_096 })),
  },
  'forgets the system prompt': {
    caughtBy: 'request',
    mutate: saying((messages) => messages.filter(({ role }) => role !== 'system')),
  },
  'does not look at pictures': {
    caughtBy: 'request',
    mutate: saying((messages) =>
      messages.map(({ role, content }) => ({ role, content: content.filter(({ type }) => type !== 'image') })),
    ),
  },
  'forgets what was said before': { caughtBy: 'request', mutate: saying((messages) => messages.slice(-1)) },
  'asks backwards': { caughtBy: 'request', mutate: saying((messages) => messages.toReversed()) },
  'takes every word for one of the user': {
    caughtBy: 'request',
    mutate: saying((messages) => messages.map((message) => ({ ...message, role: 'user' }))),
  },
  'ignores parameters and says nothing': {
    caughtBy: 'request',
    mutate: without('temperature', 'topP', 'stop', 'seed'),
  },
  'lets the model call tools although nobody wants that': { caughtBy: 'request', mutate: without('toolChoice') },
  'lets the model choose whatever it must call': {
    caughtBy: 'request',
    mutate: asking((request) => {
      const { toolChoice, ...rest } = request as ChatRequest;
      return toolChoice === 'none' ? request : { ...rest, ...(toolChoice !== undefined && { toolChoice: 'auto' }) };
    }),
  },
  'speaks with one voice only and says nothing': { caughtBy: 'request', mutate: without('voice') },
  'forgets the results of tools': {
    caughtBy: 'request',
    mutate: saying((messages) => messages.filter(({ role }) => role !== 'tool')),
  },
  'sends the options of everybody': {
    caughtBy: 'request',
    mutate: asking((request) => ({ ...request, seed: JSON.stringify(request.providerOptions) })),
  },
};
