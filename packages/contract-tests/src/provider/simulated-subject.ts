import type { PluginInput } from '@vibe/core';
import type { Answering, Held, Said, ServiceRequest, Situation, Situations } from './situations.js';
import type { ProviderSubject } from './subject.js';

/** What can go wrong with an answer, as `@vibe/simulator` names it. */
export type SimulatedFault =
  | { readonly kind: 'stall'; readonly afterDeltas?: number }
  | { readonly kind: 'reset'; readonly afterDeltas?: number }
  | { readonly kind: 'truncate'; readonly afterDeltas: number }
  | { readonly kind: 'status'; readonly status: number; readonly retryAfterMs?: number }
  | { readonly kind: 'html'; readonly status: number }
  | { readonly kind: 'missingUsage' };

/** A server that can be brought into every situation. The simulators of `@vibe/simulator` are such servers. */
export interface SimulatedService {
  reset(): void;
  script(rule: { readonly fault: readonly SimulatedFault[] }): unknown;
  requests(): readonly (ServiceRequest & { readonly endpoint: string })[];
  waitFor(predicate: (stats: SimulatedStats) => boolean): Promise<unknown>;
  close(): Promise<void>;
}

export interface SimulatedStats {
  readonly attempts: { readonly total: number; readonly running: number };
}

export interface SimulatedSubjectOptions<Service extends SimulatedService> {
  /** `startSimulator`. It is asked for two: one of them bills a part of the input as read from its cache. */
  start(options?: { readonly cachedShare: number }): Promise<Service>;
  provider(service: Service, apiKey: string): PluginInput;
  /** A good key, and one that the service refuses. */
  readonly keys: { readonly good: string; readonly wrong: string };
  /** Which of the service's endpoints give answers. */
  readonly answers: readonly string[];
  /** What the service itself says to a request, asked without the provider. */
  said(service: Service, request: ServiceRequest | undefined): Promise<Said>;
}

const hintMs = 2_000;

/** A provider against simulators, in every situation that the suite knows. */
export async function simulatedSubject<Service extends SimulatedService>(
  options: SimulatedSubjectOptions<Service>,
): Promise<ProviderSubject> {
  const { keys, provider } = options;
  const [service, caching] = await Promise.all([options.start(), options.start({ cachedShare: 0.5 })]);
  const enter = (...fault: SimulatedFault[]): Held => {
    service.reset();
    if (fault.length > 0) service.script({ fault });
    return watched(service, options.answers);
  };
  const answering = (from: Service, situation: Situation): Answering => ({
    ...situation,
    said: () => options.said(from, situation.requests().at(-1)),
  });
  const situations: Situations = {
    answer: () => answering(service, enter()),
    reasoning: () => answering(service, enter()),
    cachedInput: () => ({
      ...answering(caching, watched(caching, options.answers)),
      provider: provider(caching, keys.good),
    }),
    holdBack: () => enter({ kind: 'stall', afterDeltas: 1 }),
    silence: () => enter({ kind: 'stall' }),
    badKey: () => ({ ...enter(), provider: provider(service, keys.wrong) }),
    rateLimited: () => ({ ...enter({ kind: 'status', status: 429, retryAfterMs: hintMs }), retryAfterMs: hintMs }),
    rateLimitedWithoutHint: () => enter({ kind: 'status', status: 429 }),
    serverError: () => enter({ kind: 'status', status: 500 }),
    overloaded: () => enter({ kind: 'status', status: 503 }),
    rejected: () => enter({ kind: 'status', status: 400 }),
    unreadable: () => enter({ kind: 'html', status: 200 }),
    resetBeforeAnswer: () => enter({ kind: 'reset' }),
    resetInAnswer: () => enter({ kind: 'reset', afterDeltas: 1 }),
    truncated: () => enter({ kind: 'truncate', afterDeltas: 1 }),
    noUsage: () => enter({ kind: 'missingUsage' }),
    toolCall: () => enter(),
    structured: () => enter(),
  };
  return {
    provider: provider(service, keys.good),
    secrets: [keys.good, keys.wrong],
    situations,
    close: async () => void (await Promise.all([service.close(), caching.close()])),
  };
}

function watched(service: SimulatedService, answers: readonly string[]): Held {
  return {
    requests: () =>
      service
        .requests()
        .filter(({ endpoint }) => answers.includes(endpoint))
        .map(({ method, path, body }) => ({ method, path, body })),
    arrived: async () => void (await service.waitFor(({ attempts }) => attempts.total > 0)),
    left: async () => void (await service.waitFor(({ attempts }) => attempts.total > 0 && attempts.running === 0)),
  };
}
