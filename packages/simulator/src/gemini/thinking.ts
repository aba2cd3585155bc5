import { randomStream } from '../answer/random.js';
import { asNumber, asObject, asString, eitherCase, type JsonObject } from '../json.js';

/** How a Gemini request wants the model to think. */
export interface Thinking {
  /** Thought tokens, 0 when the model does not think. */
  readonly tokens: number;
  /** Whether the thoughts are shown. */
  readonly shown: boolean;
}

const MIN_THOUGHTS = 24;
const MAX_THOUGHTS = 120;

/** Relative effort of a thinking level; models without one think at `medium`. */
const effortOf: Readonly<Record<string, number>> = { minimal: 0.25, low: 0.5, medium: 1, high: 3 };

/** Facts: thinking is on by default from 2.5 on, except on 2.5-flash-lite and on models for media and embeddings. */
function thinksByDefault(model: string): boolean {
  if (/image|tts|embedding/.test(model)) return false;
  return /^gemini-(2\.5-(pro|flash(?!-lite))|[3-9]|flash-latest|pro-latest)/.test(model);
}

/** Facts: 2.5-pro and the models from 3 on cannot be told not to think. */
function mustThink(model: string): boolean {
  return thinksByDefault(model) && !/^gemini-2\.5-flash/.test(model);
}

/**
 * What a model thinks for one request. When the output cap leaves no room behind the thoughts, flash answers at once and
 * the others spend the whole cap on thinking: both recorded.
 */
export function planThinking(
  model: string,
  generationConfig: JsonObject | null,
  maxTokens: number | null,
  seed: number,
  prompt: string,
): Thinking {
  const config = asObject(eitherCase(generationConfig, 'thinkingConfig'));
  const budget = asNumber(eitherCase(config, 'thinkingBudget'));
  const level = asString(eitherCase(config, 'thinkingLevel'))?.toLowerCase() ?? 'medium';
  const shown = eitherCase(config, 'includeThoughts') === true;
  const wanted = thinksByDefault(model) || (budget !== null && budget !== 0);
  if (!wanted || (budget === 0 && !mustThink(model))) return { tokens: 0, shown };
  const random = randomStream('thinking', seed, model, prompt);
  const natural = Math.round((MIN_THOUGHTS + random() * (MAX_THOUGHTS - MIN_THOUGHTS)) * (effortOf[level] ?? 1));
  const tokens = budget !== null && budget > 0 ? Math.min(natural, budget) : natural;
  const skipped = maxTokens !== null && maxTokens <= tokens && !mustThink(model) && !shown;
  return { tokens: skipped ? 0 : tokens, shown };
}

/** The opaque text that models from 3 on attach to their answer and want back with the next turn. */
export function thoughtSignature(model: string, seed: number, prompt: string): string | null {
  if (!/^gemini-([3-9]|flash-latest|pro-latest)/.test(model)) return null;
  const random = randomStream('signature', seed, model, prompt);
  return Buffer.from(Array.from({ length: 96 }, () => Math.floor(random() * 256))).toString('base64');
}
