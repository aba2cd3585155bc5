import { type ModelManifest, type Provider, VibeError } from '@vibe/core';
import { exitCodes } from '../exit-codes.js';
import type { Session } from '../session.js';
import { UsageError } from '../usage-error.js';
import { testCalls } from './check/calls.js';
import { atMostNanoUsd, consent } from './check/consent.js';
import { priced, runCalls } from './check/run-calls.js';
import { runContract } from './check/run-contract.js';
import { testClient } from './check/test-client.js';
import { knownIds, knownProvider } from './known/index.js';
import type { KnownProvider } from './known/known-provider.js';
import { createdParts, findProvider, type OpenedPlugins, withPlugins } from './open-providers.js';
import { exitCodeOfReport, reportTest, type TestReport } from './test-report.js';

export interface TestFlags {
  readonly live?: boolean;
  readonly media?: boolean;
  readonly yes?: boolean;
  readonly maxUsd?: number;
  readonly model?: string;
}

/** What a live test may cost when nobody says otherwise, in USD. */
const defaultMaxUsd = 0.05;

/** `llm providers test ID`: the contract suite and the drift check, against the simulator or, with --live, the service. */
export async function test(session: Session, id: string, flags: TestFlags): Promise<number> {
  if (flags.live === true && session.flags.simulate === true) {
    throw new UsageError('--live calls the service and --simulate never does: say one of them.', [
      `llm providers test ${id}`,
    ]);
  }
  const report = flags.live === true ? await live(session, id, flags) : await simulated(session, id, flags);
  if (report === null) return exitCodes.error;
  await reportTest(session, report);
  return exitCodeOfReport(report);
}

/** Everything that is free: all situations of the contract, and every call, media included. */
async function simulated(session: Session, id: string, flags: TestFlags): Promise<TestReport> {
  const known = await knownProvider(id);
  if (known === null) {
    throw new UsageError(`The simulator does not speak the wire of "${id}": it knows ${knownIds.join(' and ')}.`, [
      `llm providers test ${id} --live`,
    ]);
  }
  const { signal } = session.world;
  const contract = await runContract(id, known.subject, signal);
  const [{ startSimulator }, { pricingRegistry }] = await Promise.all([
    import('@vibe/simulator'),
    import('@vibe/pricing-registry'),
  ]);
  const simulator = await startSimulator();
  try {
    const parts = createdParts(session, [known.at(simulator), pricingRegistry()]).map(({ part }) => part);
    const provider = parts.find((part): part is Provider => part.kind === 'provider');
    if (provider === undefined) throw new VibeError('internal', `the plugin of ${id} brings no provider`);
    const calls = await callsOf(session, {
      provider,
      parts,
      known,
      config: noConfig,
      flags: { ...flags, media: true },
    });
    try {
      return { providerId: id, live: false, contract, calls: await calls.run(), atMostNanoUsd: null };
    } finally {
      await calls.close();
    }
  } finally {
    await simulator.close();
  }
}

/** The smallest calls to the service itself, after the user has seen their price. Null: the user said no. */
async function live(session: Session, id: string, flags: TestFlags): Promise<TestReport | null> {
  let report: TestReport | null = null;
  await withPlugins(session, async (plugins) => {
    const { values, origins } = plugins.config;
    if (values.dryRun === true) {
      const origin = origins.get('dryRun') ?? 'the configuration';
      throw new UsageError(`Nothing may be sent: dryRun is on (${origin}), and --live sends. Nothing was sent.`, [
        `llm providers test ${id}`,
      ]);
    }
    const { provider } = findProvider(plugins, id);
    const known = await knownProvider(id);
    const calls = await callsOf(session, { provider, parts: plugins.parts, known, config: plugins.config, flags });
    try {
      const agreed = await consent(session, {
        providerId: id,
        host: calls.host,
        calls: calls.priced,
        maxUsd: flags.maxUsd ?? defaultMaxUsd,
        yes: flags.yes === true,
      });
      if (!agreed) await session.note('Nothing was sent.');
      else
        report = {
          providerId: id,
          live: true,
          contract: [],
          calls: await calls.run(),
          atMostNanoUsd: atMostNanoUsd(calls.priced),
        };
    } finally {
      await calls.close();
    }
    return exitCodes.ok;
  });
  return report;
}

interface CallsSource extends Pick<OpenedPlugins, 'parts'> {
  readonly provider: Provider;
  readonly known: KnownProvider | null;
  readonly config: Parameters<typeof testClient>[0]['config'];
  readonly flags: TestFlags;
}

/** The calls of a test with a client of their own. Throws `auth` when no endpoint of the provider has a key. */
async function callsOf(session: Session, { provider, parts, known, config, flags }: CallsSource) {
  const { endpoint, chat } = chatTarget(provider, known, flags.model);
  const client = testClient({
    config,
    parts,
    provider,
    chat,
    maxUsd: flags.maxUsd ?? (flags.live === true ? defaultMaxUsd : 1),
  });
  const wanted = testCalls({ provider, known, chatModel: chat.id, media: flags.media === true });
  const calls = await priced(client, wanted, `${provider.id}@${endpoint.id}`);
  return {
    host: new URL(endpoint.baseUrl).host,
    priced: calls,
    run: () => runCalls(client, calls, known, session.world.signal),
    close: () => client.vibe.close(),
  };
}

/** The cheapest model to chat with, at the first endpoint that has a key for it. */
function chatTarget(provider: Provider, known: KnownProvider | null, asked: string | undefined) {
  const keyed = provider.endpoints.filter((endpoint) => endpoint.keyPresent());
  if (keyed.length === 0) {
    const [variable = 'its key'] = provider.endpoints.flatMap(({ keyName }) => keyName ?? []);
    throw new VibeError('auth', `${provider.id} has no API key, so nothing was sent.`, {
      next: [`export ${variable}=…`, `llm providers test ${provider.id}   without a key, against the simulator`],
    });
  }
  const served = ({ endpoints }: ModelManifest) => keyed.find(({ id }) => endpoints?.includes(id) ?? true);
  const able = provider.models.filter((model) => model.operations.includes('chat') && served(model) !== undefined);
  const wanted = asked === undefined ? (known?.calls.chatModels ?? []) : [asked];
  const chat =
    wanted.flatMap((id) => able.find((model) => model.id === id) ?? []).at(0) ??
    (asked === undefined ? able[0] : undefined);
  const endpoint = chat === undefined ? undefined : served(chat);
  if (chat !== undefined && endpoint !== undefined) return { endpoint, chat };
  throw new UsageError(`${provider.id} has no model ${asked ?? ''} to chat with at an endpoint that has a key.`, [
    `llm providers show ${provider.id}`,
  ]);
}

/** The simulated calls count in memory, in no budget but their own. */
const noConfig = { values: {}, origins: new Map<string, string>() };
