import { redact } from '@vibe/core';
import { formatPath, type Path } from './path.js';

const secretEndings = ['apikey', 'secret', 'token', 'password', 'passwd', 'passphrase', 'credential', 'credentials'];
const secretWords = ['authorization', 'bearer', 'secret', 'privatekey', 'accesskey', 'accesskeyid'];

/** Whether a key such as `apiKey`, `access_token` or `clientSecret` names a secret. `maxTokens` and `tokensPerSecond` do not. */
export function looksLikeSecretName(key: string): boolean {
  const name = key.toLowerCase().replace(/[^a-z0-9]/g, '');
  return secretEndings.some((ending) => name.endsWith(ending)) || secretWords.some((word) => name.includes(word));
}

/** Where a tree of options holds what looks like a secret, by the name of a key or by the form of a text. Never the secret itself. */
export function secretPathsIn(value: unknown, path: Path = []): readonly Path[] {
  if (typeof value === 'string') return redact(value) === value ? [] : [path];
  if (typeof value !== 'object' || value === null) return [];
  if (Array.isArray(value)) return value.flatMap((entry, index) => secretPathsIn(entry, [...path, index]));
  return Object.entries(value).flatMap(([key, entry]) => {
    const here = [...path, key];
    return looksLikeSecretName(key) ? [here] : secretPathsIn(entry, here);
  });
}

/** Why a path is refused in a project file, and where the key belongs. */
export function secretRefusal(path: Path): string {
  return `${formatPath(path)} looks like a secret. Project files are shared and committed, so keys are refused here: put it into the environment (DASHSCOPE_API_KEY, GEMINI_API_KEY, …)`;
}
