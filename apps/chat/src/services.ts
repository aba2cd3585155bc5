import type { Limits, PluginInput } from '@vibe/core';
import { gemini } from '@vibe/provider-gemini';
import { qwen } from '@vibe/provider-qwen';
import { type Simulator, startSimulator } from '@vibe/simulator';

/** Who answers. */
export interface Services {
  readonly providers: readonly PluginInput[];
  /** The simulators by region; empty when real services answer. */
  readonly simulators: ReadonlyMap<string, Simulator>;
  readonly limits: Readonly<Record<string, Limits>>;
  close(): Promise<void>;
}

/** The real services when there is a key for one, else simulators behind the same provider plugins. */
export function chooseServices(env: NodeJS.ProcessEnv): Promise<Services> {
  return hasKey(env) ? Promise.resolve(realServices()) : simulatedServices({ tokensPerSecond: 60, ttftMs: 250 });
}

/** `DASHSCOPE_API_KEY`, `DASHSCOPE_API_KEY_SG`, `GEMINI_API_KEY`, `GOOGLE_API_KEY`, … */
export function hasKey(env: NodeJS.ProcessEnv): boolean {
  return Object.entries(env).some(([name, value]) => /^(DASHSCOPE|GEMINI|GOOGLE)_API_KEY/.test(name) && value !== '');
}

/** Both read their keys from the environment; who has none is passed over, and the page says so. */
function realServices(): Services {
  return { providers: [qwen(), gemini()], simulators: new Map(), limits: {}, close: async () => undefined };
}

/** Pace of the simulators; as fast as can be by default. */
interface Pace {
  readonly ttftMs?: number;
  readonly tokensPerSecond?: number;
}

/** One simulator per region, so that one of them can break while the others answer. */
export async function simulatedServices(pace: Pace = {}): Promise<Services> {
  const [cn, sg, global] = await Promise.all(
    ['cn', 'sg', 'global'].map((region) => startSimulator({ ...pace, region })),
  );
  if (cn === undefined || sg === undefined || global === undefined) throw new Error('unreachable');
  const apiKey = 'simulated';
  const endpoints = [
    { id: 'cn', region: 'cn', baseUrl: cn.baseUrls.qwen, apiKey },
    { id: 'sg', region: 'sg', baseUrl: sg.baseUrls.qwen, apiKey },
  ];
  return {
    providers: [qwen({ endpoints }), gemini({ apiKey, baseUrl: global.baseUrls.gemini })],
    simulators: new Map([
      ['cn', cn],
      ['sg', sg],
      ['global', global],
    ]),
    // Like a free tier: the fourth message within a minute waits, and the page shows for how long.
    limits: { 'gemini-3.5-flash-lite': { rpm: 3 } },
    close: async () => void (await Promise.all([cn, sg, global].map((simulator) => simulator.close()))),
  };
}
