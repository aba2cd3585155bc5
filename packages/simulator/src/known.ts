import type { Settings } from './options.js';
import { fitsPattern } from './wildcard.js';
import type { WireName } from './wire.js';

const defaultModels: Readonly<Record<WireName, readonly string[]>> = {
  gemini: ['gemini*', 'imagen*'],
  qwen: ['qwen*', 'qwq*', 'qvq*', 'wan*', 'z-image*', 'fun-asr*', 'paraformer*'],
  openai: ['gemini*', 'qwen*', 'qwq*', 'qvq*', 'wan*'],
};

/** Whether a provider has a model of this name. Names are case-sensitive (facts: `Qwen-Plus` is not found). */
export function isKnownModel(settings: Settings, wire: WireName, model: string): boolean {
  return (settings.models ?? defaultModels[wire]).some((pattern) => fitsPattern(pattern, model));
}

/** The models to list: those of the catalogue that are known, and those named in the options. */
export function listedModels(settings: Settings, wire: WireName, catalogue: readonly string[]): string[] {
  const named = (settings.models ?? []).filter((pattern) => !pattern.includes('*'));
  return [...new Set([...catalogue.filter((model) => isKnownModel(settings, wire, model)), ...named])];
}

/** Whether a key is accepted. Without a list every key is, except those that say `invalid` or `wrong`. */
export function isAcceptedKey(settings: Settings, key: string): boolean {
  if (settings.keys) return settings.keys.includes(key);
  return !/invalid|wrong/i.test(key);
}

/** The token of an `Authorization: Bearer …` header; empty when there is none. */
export function bearerToken(authorization: string | undefined): string {
  return /^Bearer\s+(.*)$/i.exec(authorization ?? '')?.[1]?.trim() ?? '';
}
