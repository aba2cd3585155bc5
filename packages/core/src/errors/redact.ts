/**
 * What keys of the known services look like, and headers and query parameters that carry one. Providers echo keys in
 * their error texts, so every message passes through here.
 */
const secretPatterns: readonly RegExp[] = [
  /\bsk-[A-Za-z0-9_-]{8,}/g,
  /\bAIza[A-Za-z0-9_-]{20,}/g,
  /\bAQ\.[A-Za-z0-9_-]{20,}/g,
  /(?<=\bBearer\s+)[^\s"',;]{4,}/gi,
  /(?<=[?&](?:key|api_key|apikey|access_token|token|signature)=)[^&\s"']+/gi,
  /(?<=\b(?:x-goog-api-key|x-api-key|api-key|authorization)["']?\s*[:=]\s*["']?)(?!Bearer\b)[^\s"',;]{4,}/gi,
];

/** `text` without anything that looks like a secret. */
export function redact(text: string): string {
  let clean = text;
  for (const pattern of secretPatterns) clean = clean.replace(pattern, '[redacted]');
  return clean;
}

/** `text` without the given secrets, whatever they look like. */
export function redactSecrets(text: string, secrets: readonly string[]): string {
  let clean = text;
  for (const secret of secrets) if (secret.length >= 4) clean = clean.replaceAll(secret, '[redacted]');
  return redact(clean);
}

/** A copy of a JSON-like value with every string redacted. */
export function redactDeep(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return redact(value);
  if (typeof value !== 'object' || value === null || depth > 8) return value;
  if (Array.isArray(value)) return value.map((entry) => redactDeep(entry, depth + 1));
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, redactDeep(entry, depth + 1)]));
}
