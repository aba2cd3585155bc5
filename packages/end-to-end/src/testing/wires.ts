import type { PluginInput } from '@vibe/core';
import { gemini } from '@vibe/provider-gemini';
import { qwen } from '@vibe/provider-qwen';
import type { Simulator } from '@vibe/simulator';

export const testKey = 'sk-a-key-of-the-tests';

/** One way to speak to a service: what runs on one of these runs on all of them. */
export interface Wire {
  readonly name: string;
  readonly model: string;
  /** The simulator's name for it, in rules. */
  readonly wire: 'gemini' | 'qwen';
  /** The provider, with every address on the given server. */
  readonly provider: (at: Pick<Simulator, 'url'>) => PluginInput;
}

export const wires: readonly Wire[] = [
  {
    name: 'gemini',
    model: 'gemini-3.6-flash',
    wire: 'gemini',
    provider: ({ url }) => gemini({ apiKey: testKey, baseUrl: `${url}/v1beta` }),
  },
  {
    name: 'qwen compatible',
    model: 'qwen-plus',
    wire: 'qwen',
    provider: ({ url }) => qwen({ apiKey: testKey, baseUrl: `${url}/compatible-mode/v1` }),
  },
  {
    name: 'qwen native',
    model: 'qwen-plus',
    wire: 'qwen',
    provider: ({ url }) => qwen({ apiKey: testKey, api: 'native', baseUrl: `${url}/compatible-mode/v1` }),
  },
];
