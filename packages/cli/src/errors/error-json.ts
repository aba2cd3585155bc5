import type { VibeError } from '@vibe/core';
import { snakeCase } from '../output/snake-case.js';
import type { UsageError } from '../usage-error.js';
import { docsPage } from './docs-page.js';

/** `{"error":{…}}` on one line of stderr; stdout stays empty. */
export function errorJson(error: VibeError): string {
  const { name: _name, cause: _cause, ...fields } = error.toJSON();
  return `${JSON.stringify({ error: snakeCase({ ...fields, docs: docsPage(error.code) }) })}\n`;
}

/** A wrong command line in the same form. */
export function usageErrorJson({ message, next }: UsageError): string {
  return `${JSON.stringify({ error: { code: 'usage', message, next, details: {} } })}\n`;
}
