import { snakeCase } from './snake-case.js';

/** The one form of JSON output. Every key is always there; unknown is null. */
export function envelope(
  schema: string,
  {
    nowMs,
    timezone,
    ...content
  }: { readonly nowMs: number; readonly timezone: string; readonly [key: string]: unknown },
): string {
  const value = { schema, generatedAt: new Date(nowMs).toISOString(), timezone, ...content };
  return `${JSON.stringify(snakeCase(value), null, 2)}\n`;
}
