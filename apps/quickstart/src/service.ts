import type { PluginInput } from '@vibe/core';
import { gemini } from '@vibe/provider-gemini';
import { qwen } from '@vibe/provider-qwen';

/** Who answers, and what to say about it. */
export interface Service {
  readonly model: string;
  readonly provider: PluginInput;
  /** One line for the user; null when the real service answers. */
  readonly notice: string | null;
  close(): Promise<void>;
}

/** The real service when there is a key for one, else the simulator behind the same provider plugin. */
export async function chooseService(env: NodeJS.ProcessEnv): Promise<Service> {
  const close = async () => undefined;
  if (env['DASHSCOPE_API_KEY']) return { model: 'qwen-plus', provider: qwen(), notice: null, close };
  if (env['GEMINI_API_KEY']) return { model: 'gemini-3.6-flash', provider: gemini(), notice: null, close };
  const { startSimulator } = await import('@vibe/simulator');
  const simulator = await startSimulator({ ttftMs: 250, tokensPerSecond: 60 });
  return {
    model: 'qwen-plus',
    provider: qwen({ apiKey: 'simulated', baseUrl: simulator.baseUrls.qwen }),
    notice: `No DASHSCOPE_API_KEY or GEMINI_API_KEY is set: the local simulator answers (${simulator.url}), through the real Qwen plugin.`,
    close: () => simulator.close(),
  };
}
