import { redact } from '@vibe/core';
import { formatPath, type Path } from './path.js';

const secretEndings = ['apikey', 'secret', 'token', 'password', 'passwd', 'passphrase', 'credential', 'credentials'];
const secretWords = ['authorization', 'bearer', 'secret', 'privatekey', 'accesskey', 'accesskeyid'];

/** Whether a key such as `apiKey`, `access_token` or `clientSecret` names a secret. `maxTokens` and `tokensPerSecond` do not. */
export function looksLikeSecretName(key: string): boolean {
  const name = key.toLowerCase().replace(/[^a-z0-9]/g, '');
  return secretEndings.some((ending) => name.endsWith(ending)) || secretWords.some((word) => name.includes(word));
}

/** `https://user:password@host`. */
const addressWithPassword = /^[a-z][a-z0-9+.-]*:\/\/[^/?#\s@]*:[^/?#\s@]+@/i;

/** Whether a text has the form of a key, whatever it is called. */
export function looksLikeSecret(text: string): boolean {
  return redact(text) !== text || addressWithPassword.test(text);
}

/** Where a tree of options holds what looks like a secret, by the name of a key or by the form of a text. Never the secret itself. */
export function secretPathsIn(value: unknown, path: Path = []): readonly Path[] {
  if (typeof value === 'string') return looksLikeSecret(value) ? [path] : [];
  if (typeof value !== 'object' || value === null) return [];
  if (Array.isArray(value)) return value.flatMap((entry, index) => secretPathsIn(entry, [...path, index]));
  return Object.entries(value).flatMap(([key, entry]) => {
    const here = [...path, key];
    return looksLikeSecretName(key) && mayBeSecret(key, entry) ? [here] : secretPathsIn(entry, here);
  });
}

/** `password: 4711` may be one; `charactersPerToken: 4` and `needsApiKey: true` are none. */
function mayBeSecret(key: string, value: unknown): boolean {
  if (typeof value === 'boolean' || value === null) return false;
  return typeof value !== 'number' || !/token$/i.test(key);
}

/** Why a path is refused in a project file, and where the key belongs. */
export function secretRefusal(path: Path): string {
  return `${formatPath(path)} looks like a secret. Project files are shared and committed, so keys are refused here: put it into the environment (DASHSCOPE_API_KEY, GEMINI_API_KEY, …), or keep it with \`llm keys set\``;
}

/**
 * What a project file must not hold: anything that is called or looks like a secret in the options of plugins and under keys
 * nobody knows; elsewhere, where names such as a budget's tag `apiKey` are harmless, only what looks like one.
 */
export function secretsInFile(file: unknown, known: readonly string[]): readonly Path[] {
  if (typeof file !== 'object' || file === null || Array.isArray(file)) return secretPathsIn(file);
  return Object.entries(file).flatMap(([key, value]) => {
    const isSetting = known.includes(key) && key !== 'plugins' && key !== 'middleware';
    if (isSetting) return secretTextsIn(value, [key]);
    return !known.includes(key) && looksLikeSecretName(key) ? [[key]] : secretPathsIn(value, [key]);
  });
}

function secretTextsIn(value: unknown, path: Path): readonly Path[] {
  if (typeof value === 'string') return looksLikeSecret(value) ? [path] : [];
  if (typeof value !== 'object' || value === null) return [];
  const entries = Array.isArray(value) ? [...value.entries()] : Object.entries(value);
  return entries.flatMap(([key, entry]) => secretTextsIn(entry, [...path, key]));
}
