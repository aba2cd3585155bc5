import { createVibe, VibeError, type VibeOptions } from '@vibe/core';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, expectTypeOf, it } from 'vitest';
import type { z } from 'zod';
import { configJsonSchema } from './json-schema.js';
import { keyMeanings } from './key-meanings.js';
import { configSchema } from './schema.js';
import type { ConfigValues } from './values.js';

/** Paths of a config file that hold settings, with a value that leads there. */
const places: Readonly<Record<string, (settings: unknown) => Record<string, unknown>>> = {
  '': (settings) => settings as Record<string, unknown>,
  'budgets[]': (settings) => ({ budgets: [settings] }),
  'limits.*': (settings) => ({ limits: { 'qwen/*': settings } }),
  'limits.*.burst': (settings) => ({ limits: { '*': { burst: settings } } }),
  router: (settings) => ({ router: settings }),
  'router.downgrade': (settings) => ({ router: { downgrade: settings } }),
  'router.exploration': (settings) => ({ router: { exploration: settings } }),
  'router.compliance[]': (settings) => ({ router: { compliance: [settings] } }),
  defaults: (settings) => ({ defaults: settings }),
  'defaults.retry': (settings) => ({ defaults: { retry: settings } }),
  'defaults.timeout': (settings) => ({ defaults: { timeout: settings } }),
  breaker: (settings) => ({ breaker: settings }),
  telemetry: (settings) => ({ telemetry: settings }),
};

/** Required keys of some places, so that the key under test is all that is wrong. */
const complete: Readonly<Record<string, Record<string, unknown>>> = {
  'budgets[]': { window: 'day', limitUsd: 1 },
  'limits.*.burst': { windowMs: 1 },
  'router.exploration': { share: 0 },
  'router.compliance[]': { tags: {}, regions: [] },
};

function clientError(options: Record<string, unknown>): VibeError | null {
  try {
    createVibe({ plugins: [], ...options } as VibeOptions);
    return null;
  } catch (error) {
    return VibeError.from(error);
  }
}

/** The keys that the client lists as known when it meets an unknown one. */
function keysOfClient(place: string): readonly string[] {
  const error = clientError(places[place]?.({ ...complete[place], zzzz: 1 }) ?? {});
  return (/Known are (.*)\.$/.exec(error?.message ?? '')?.[1] ?? '').split(', ');
}

function keysOfFile(place: string): readonly string[] {
  const result = configSchema.safeParse(places[place]?.({ ...complete[place], zzzz: 1 }));
  const issue = result.error?.issues.find(({ code }) => code === 'unrecognized_keys');
  return (issue?.message ?? '').split(' ');
}

describe('the schema of config files', () => {
  it.each(Object.keys(places))('knows exactly the keys of the client at "%s"', (place) => {
    expect([...keysOfFile(place)].sort()).toEqual([...keysOfClient(place)].sort());
  });

  it('has the types of the client, and plugins by name', () => {
    expectTypeOf<keyof ConfigValues>().toEqualTypeOf<keyof VibeOptions>();
    expectTypeOf<z.output<typeof configSchema>>().toExtend<{ [Key in keyof ConfigValues]?: unknown }>();
    expectTypeOf<keyof z.output<typeof configSchema>>().toEqualTypeOf<keyof VibeOptions>();
  });

  it.each([
    { mode: 'strict' },
    { mode: null },
    { onUnpriced: 'ignore' },
    { dryRun: 'yes' },
    { telemetry: { semconv: 'v9' } },
    { budgets: {} },
    { budgets: [{ window: 'day' }] },
    { budgets: [{ limitUsd: 1 }] },
    { budgets: [{ window: 'year', limitUsd: 1 }] },
    { budgets: [{ window: 'day', limitUsd: '5' }] },
    { budgets: [{ window: 'day', limitUsd: -1 }] },
    { budgets: [{ window: 'day', limitUsd: 9_007_200 }] },
    { budgets: [{ window: 'day', limitUsd: Number.NaN }] },
    { budgets: [{ window: 'run', limitUsd: 1 }] },
    { budgets: [{ window: 'run', limitUsd: 1, tags: { user: '*' } }] },
    { budgets: [{ window: 'day', limitUsd: 1, timezone: 'Mars/Base' }] },
    { budgets: [{ window: 'day', limitUsd: 1, warnAt: [11] }] },
    { budgets: [{ window: 'day', limitUsd: 1, tags: { user: '' } }] },
    { budgets: [{ window: 'day', limitUsd: 1, model: '' }] },
    { limits: [] },
    { limits: { '*': { rpm: 0 } } },
    { limits: { '*': { rpm: 1.5 } } },
    { limits: { '*': { rpdTimezone: 'nowhere' } } },
    { limits: { '*': { burst: { requests: 1 } } } },
    { limits: { '*': { burst: { windowMs: 60_001 } } } },
    { limits: { '*': { burst: { windowMs: 1_000, tokens: 0 } } } },
    { router: { policy: 'best' } },
    { router: { weights: { smart: { cost: -1 } } } },
    { router: { order: 'qwen-plus' } },
    { router: { downgrade: { minTier: 'gold' } } },
    { router: { compliance: [{ tags: {} }] } },
    { router: { statsMaxAgeMs: -1 } },
    { router: { exploration: { share: 0.5 } } },
    { regions: 'cn' },
    { regions: [''] },
    { defaults: { maxWaitMs: Number.POSITIVE_INFINITY } },
    { defaults: { maxOutputTokens: 0 } },
    { defaults: { retry: { attempts: 101 } } },
    { defaults: { timeout: { totalMs: 2_147_483_648 } } },
    { breaker: { failRate: 0 } },
    { breaker: { windowMs: 0 } },
  ])('refuses what the client refuses: %j', (values) => {
    expect(clientError(values)).not.toBeNull();
    expect(configSchema.safeParse(values).success).toBe(false);
  });

  it.each([
    { mode: 'strict_budget', onUnpriced: 'refuse', dryRun: true },
    { telemetry: { semconv: 'latest' } },
    {
      budgets: [
        { window: 'run', limitUsd: 0, tags: { run: '*' }, warnAt: [0.5, 1], shadow: true, timezone: 'Asia/Shanghai' },
      ],
    },
    { limits: { 'qwen@sg/*': { rpm: 60, tpm: 1000, rpd: 5, concurrency: 1, rpdTimezone: 'UTC' } } },
    { limits: { '*': { burst: { windowMs: 6_000, requests: 60, tokens: 300_000 } } } },
    { router: { policy: 'cheap', weights: { smart: { cost: 1 } }, order: ['qwen-plus'], statsMaxAgeMs: 0 } },
    {
      router: {
        downgrade: { allow: false, minTier: 'standard', steps: [] },
        compliance: [{ tags: { data: 'cn-only' }, regions: ['cn'] }],
      },
    },
    {
      defaults: {
        model: 'auto',
        maxWaitMs: 0,
        retry: { attempts: 1, budgetMs: 0, on429: false },
        timeout: { connectMs: 1 },
      },
    },
    { regions: ['cn', 'sg'] },
    { regions: [] },
    { breaker: { failures: 1, failRate: 1, windowMs: 1, cooldownMs: 0, probes: 1 } },
  ])('takes what the client takes: %j', (values) => {
    expect(clientError(values)?.message ?? null).toBeNull();
    expect(configSchema.safeParse(values).error?.issues ?? []).toEqual([]);
  });

  it('is published as JSON Schema that allows $schema and nothing unknown', async () => {
    const schema = await configJsonSchema();
    const properties = schema['properties'] as Record<string, Record<string, unknown>>;
    expect(Object.keys(properties).sort()).toEqual(['$schema', ...keysOfClient('')].sort());
    expect(schema['additionalProperties']).toBe(false);
    expect(properties['mode']).toMatchObject({ type: 'string', enum: ['best_effort', 'strict_budget'] });
  });

  it('is the file of the package (after a change: npx vitest run packages/config/src/schema.test.ts -u)', async () => {
    const text = `${JSON.stringify(await configJsonSchema(), null, 2)}\n`;
    await expect(text).toMatchFileSnapshot('../schema.json');
  });

  it('explains every key, and no key that is not there', async () => {
    expect([...keysIn(await configJsonSchema(), '')].sort()).toEqual(Object.keys(keyMeanings).sort());
  });

  it('agrees with the client and with the schema of files in a validator of its own', async () => {
    const validate = new Ajv2020({ strict: false }).compile(await configJsonSchema());
    expect(validate({ $schema: './schema.json', mode: 'strict_budget', plugins: ['a', { name: 'b' }] })).toBe(true);
    expect(validate({ limits: { '*': { rmp: 1 } } })).toBe(false);
    expect(validate({ budgets: [{ window: 'day' }] })).toBe(false);
    expect(validate({ regions: ['cn'], router: { weights: { smart: { cost: 1 } } } })).toBe(true);
  });
});

/** Paths of all keys of a schema that have a name of their own. */
function* keysIn(schema: Record<string, unknown>, place: string): Generator<string> {
  const { properties = {}, additionalProperties, items, anyOf = [] } = schema as Record<string, never>;
  for (const [key, entry] of Object.entries<Record<string, unknown>>(properties)) {
    if (key === '$schema') continue;
    const path = place === '' ? key : `${place}.${key}`;
    yield path;
    yield* keysIn(entry, path);
  }
  if (typeof additionalProperties === 'object') yield* keysIn(additionalProperties, `${place}.*`);
  if (items !== undefined) yield* keysIn(items, `${place}[]`);
  for (const branch of anyOf as Record<string, unknown>[]) yield* keysIn(branch, place);
}
