import type { Endpoint } from '@vibe/core';
import { type ApiKey, apiKey } from '@vibe/provider-kit';
import type { GeminiSettings } from './options.js';

/** An endpoint with what only the provider may know. */
export interface GeminiEndpoint {
  readonly endpoint: Endpoint;
  readonly key: ApiKey;
}

/** Facts: Google's Developer API, which has no regions. */
const GOOGLE = 'https://generativelanguage.googleapis.com/v1beta';
/** Facts: requests per day reset at midnight Pacific time. */
const rateLimits = { rpdTimezone: 'America/Los_Angeles' } as const;
const VARIABLES = ['GEMINI_API_KEY', 'GOOGLE_API_KEY'] as const;

/** The places that the options describe. */
export function geminiEndpoints(options: GeminiSettings): GeminiEndpoint[] {
  const key = apiKey({ value: options.apiKey, variables: VARIABLES });
  const custom = (options.endpoints ?? []).map((each) => made(each.id, each.region, each.baseUrl, ownKey(each, key)));
  if (options.baseUrl === undefined && custom.length > 0) return custom;
  return [made('global', 'global', options.baseUrl ?? GOOGLE, key), ...custom];
}

function ownKey(each: NonNullable<GeminiSettings['endpoints']>[number], shared: ApiKey): ApiKey {
  if (each.apiKey === undefined && each.keyEnv === undefined) return shared;
  return apiKey({ value: each.apiKey, variables: [each.keyEnv ?? VARIABLES[0]] });
}

function made(id: string, region: string, baseUrl: string, key: ApiKey): GeminiEndpoint {
  const endpoint = { id, region, baseUrl, keyPresent: () => key.present(), keyName: key.variable, rateLimits };
  return { endpoint, key };
}
