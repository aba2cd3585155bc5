import type { Endpoint, ModelManifest, Region } from '@vibe/core';
import { chatModels, type QwenModel } from './chat-models.js';
import { mediaModels } from './media-models.js';
import { thinkingStyle } from './thinking.js';

const noChat = { tools: false, structured: false, reasoning: false } as const;

/** The known models as the given endpoints serve them. A model that none of them serves is left out. */
export function qwenModels(endpoints: readonly Endpoint[]): ModelManifest[] {
  return [
    ...chatModels.flatMap(({ regions, ...model }) =>
      servedBy(endpoints, regions, { ...model, ...thinkingOf(model), operations: ['chat'], output: ['text'] }),
    ),
    ...mediaModels.flatMap(({ regions, operation, ...model }) =>
      servedBy(endpoints, regions, { ...model, ...noChat, operations: [operation] }),
    ),
  ];
}

const thinkingByStyle = {
  never: 'off',
  on_request: 'off',
  by_default: 'on',
  always: 'always',
  effort: 'always',
} as const;

/** Whether a model that can think does so unasked: models that only think on request are held at the plain price. */
function thinkingOf({ id, reasoning }: QwenModel): Pick<ModelManifest, 'thinking'> {
  return reasoning ? { thinking: thinkingByStyle[thinkingStyle(id)] } : {};
}

function servedBy(
  endpoints: readonly Endpoint[],
  regions: readonly Region[] | undefined,
  model: ModelManifest,
): ModelManifest[] {
  const serving = endpoints.filter(({ region }) => regions === undefined || regions.includes(region));
  if (serving.length === 0) return [];
  return [{ ...model, ...(serving.length < endpoints.length && { endpoints: serving.map(({ id }) => id) }) }];
}
