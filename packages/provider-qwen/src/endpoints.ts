import { type Endpoint, type PluginHost, VibeError } from '@vibe/core';
import { type ApiKey, apiKey } from '@vibe/provider-kit';
import type { QwenSettings } from './options.js';

/** An endpoint with what only the provider may know. */
export interface QwenEndpoint {
  readonly endpoint: Endpoint;
  readonly key: ApiKey;
  /** The native API of the same place; undefined when nobody said and it cannot be derived. */
  readonly nativeBaseUrl: string | undefined;
}

/** The options, and who keeps keys. */
type Configured = QwenSettings & { readonly host: PluginHost | undefined };
type PublicRegion = QwenSettings['region'];
type ConfiguredEndpoint = NonNullable<QwenSettings['endpoints']>[number];

/** Facts: the shared public hosts. Production workspaces have domains of their own: see the option `endpoints`. */
const hosts: Readonly<Record<PublicRegion, string>> = {
  cn: 'https://dashscope.aliyuncs.com',
  sg: 'https://dashscope-intl.aliyuncs.com',
  us: 'https://dashscope-us.aliyuncs.com',
  hk: 'https://cn-hongkong.dashscope.aliyuncs.com',
};

/** Facts: recorded gateway headers show a limit of 600 requests per minute enforced as 60 per 6 s, and tokens alike. */
const rateLimits = { burst: { share: 0.1, windowMs: 6_000 } } as const;

/**
 * Where results lie until they are fetched: Alibaba's object storage, in the cities of a region. Facts: recorded addresses
 * of cn lie in Beijing and Shanghai, documented ones in Wulanchabu; those of sg are documented with `oss-cn-singapore` too.
 */
const storageCities: Readonly<Record<string, readonly string[]>> = {
  cn: [
    'cn-beijing',
    'cn-shanghai',
    'cn-hangzhou',
    'cn-wulanchabu',
    'cn-wulanchabu-acdr-1',
    'cn-zhangjiakou',
    'cn-shenzhen',
  ],
  sg: ['ap-southeast-1', 'cn-singapore'],
  us: ['us-east-1'],
  hk: ['cn-hongkong'],
  eu: ['eu-central-1'],
  jp: ['ap-northeast-1'],
};

const CHAT_PATH = '/compatible-mode/v1';
const NATIVE_PATH = '/api/v1';

/** The places that the options describe, the configured region first. */
export function qwenEndpoints(settings: QwenSettings, host?: PluginHost): QwenEndpoint[] {
  const options: Configured = { ...settings, host };
  const custom = (options.endpoints ?? []).map((each) => customEndpoint(each, options));
  if (options.baseUrl !== undefined) return [configuredRegion(options, options.baseUrl), ...custom];
  if (custom.length > 0) return custom;
  const regions = Object.keys(hosts) as PublicRegion[];
  const others = regions.filter((region) => region !== options.region);
  return [
    configuredRegion(options, `${hosts[options.region]}${CHAT_PATH}`),
    ...others.map((region) => publicRegion(region, options)),
  ];
}

function configuredRegion(options: Configured, baseUrl: string): QwenEndpoint {
  const { region, nativeBaseUrl, mediaHosts } = options;
  return made({ id: region, region, baseUrl, nativeBaseUrl, mediaHosts }, keyOf(region, options));
}

function publicRegion(region: PublicRegion, options: Configured): QwenEndpoint {
  const { mediaHosts } = options;
  return made({ id: region, region, baseUrl: `${hosts[region]}${CHAT_PATH}`, mediaHosts }, keyOf(region, options));
}

function customEndpoint(each: ConfiguredEndpoint, options: Configured): QwenEndpoint {
  const own = each.apiKey !== undefined || each.keyEnv !== undefined;
  const key = own
    ? apiKey({ value: each.apiKey, variables: [each.keyEnv ?? variableOf(each.region, options)], host: options.host })
    : keyOf(each.region, options);
  return made({ ...each, mediaHosts: each.mediaHosts ?? options.mediaHosts }, key);
}

/** `DASHSCOPE_API_KEY` and the option belong to the configured region only: elsewhere they would be refused. */
function keyOf(region: string, options: Configured): ApiKey {
  const { host } = options;
  const regional = variableOf(region, options);
  if (region !== options.region) return apiKey({ variables: [regional], host });
  return apiKey({ value: options.apiKey, variables: [options.keyEnv ?? COMMON_VARIABLE, regional], host });
}

const COMMON_VARIABLE = 'DASHSCOPE_API_KEY';

function variableOf(region: string, { keyEnv = COMMON_VARIABLE }: Configured): string {
  return `${keyEnv}_${region.toUpperCase().replace(/[^A-Z0-9]/g, '_')}`;
}

type Place = Pick<ConfiguredEndpoint, 'id' | 'region' | 'baseUrl' | 'nativeBaseUrl' | 'mediaHosts'>;

function made(place: Place, key: ApiKey): QwenEndpoint {
  const { id, region, baseUrl } = place;
  const nativeBaseUrl =
    place.nativeBaseUrl ??
    (baseUrl.endsWith(CHAT_PATH) ? `${baseUrl.slice(0, -CHAT_PATH.length)}${NATIVE_PATH}` : undefined);
  const storage = [
    ...(storageCities[region] ?? []).map((city) => `https://oss-${city}.aliyuncs.com`),
    ...(place.mediaHosts ?? []),
  ];
  for (const address of [baseUrl, nativeBaseUrl]) if (address !== undefined) assertInRegion(address, region);
  const others = [...(nativeBaseUrl === undefined ? [] : [nativeBaseUrl]), ...storage];
  const endpoint: Endpoint = {
    id,
    region,
    baseUrl,
    keyPresent: () => key.present(),
    keyName: key.variable,
    rateLimits,
    ...(others.length > 0 && { alsoUses: others.map((address) => ({ region, baseUrl: address })) }),
  };
  return { endpoint, key, nativeBaseUrl };
}

/**
 * A public host says where it is. With the name of another region, `cn` by default, compliance would let calls leave that must
 * not, and they would be counted at the prices of the wrong place.
 */
function assertInRegion(address: string, region: string): void {
  const { origin } = new URL(address);
  const actual = (Object.keys(hosts) as PublicRegion[]).find((each) => hosts[each] === origin);
  // Names of somebody's own are theirs; `regions` allows them only where they stand.
  if (actual === undefined || actual === region || !Object.hasOwn(hosts, region)) return;
  throw new VibeError('config', `${address} is the service of the region ${actual}, but its region is ${region}.`, {
    details: { baseUrl: address, region, actual },
    next: [`Say region: '${actual}', or leave the address out: region alone is enough for the public services.`],
  });
}
