import type { ChatCall, JsonObject, Reasoning, Warning } from '@vibe/core';
import { unsupported } from '@vibe/provider-kit';

/** How much a model can be told to think: a number of tokens (2.5), a level (3 and later), or nothing. */
export type ThinkingStyle =
  | { readonly kind: 'none' }
  | { readonly kind: 'budget'; readonly min: number; readonly max: number; readonly canBeOff: boolean }
  | { readonly kind: 'level'; readonly levels: readonly Level[] };

type Level = 'MINIMAL' | 'LOW' | 'MEDIUM' | 'HIGH';

/** Facts: ranges and levels of models.dev. By id, so that models which no manifest names are treated well too. */
const styles: readonly (readonly [RegExp, ThinkingStyle])[] = [
  [/image|tts|audio|embedding|imagen/, { kind: 'none' }],
  [/^gemini-2\.5-pro/, { kind: 'budget', min: 128, max: 32_768, canBeOff: false }],
  [/^gemini-2\.5-flash-lite/, { kind: 'budget', min: 512, max: 24_576, canBeOff: true }],
  [/^gemini-2\.5/, { kind: 'budget', min: 1, max: 24_576, canBeOff: true }],
  [/^gemini-3-pro/, { kind: 'level', levels: ['LOW', 'HIGH'] }],
  [/^gemini-3[.-].*flash|^gemini-flash/, { kind: 'level', levels: ['MINIMAL', 'LOW', 'MEDIUM', 'HIGH'] }],
  [/^gemini-([3-9]|pro-latest)/, { kind: 'level', levels: ['LOW', 'MEDIUM', 'HIGH'] }],
];

export function thinkingStyle(modelId: string): ThinkingStyle {
  return styles.find(([pattern]) => pattern.test(modelId.replace(/^models\//, '')))?.[1] ?? { kind: 'none' };
}

/** The three efforts in tokens, where a model counts in tokens. */
const budgets = { low: 1_024, medium: 8_192, high: 32_768 } as const;
const levelOf = { low: 'LOW', medium: 'MEDIUM', high: 'HIGH' } as const;

/** `thinkingConfig` for what was asked; undefined when nothing is to be sent. What cannot be done becomes a warning. */
export function thinkingConfig({ request, model }: ChatCall, warnings: Warning[]): JsonObject | undefined {
  const { reasoning } = request;
  if (reasoning === undefined) return undefined;
  const style = thinkingStyle(model.id);
  if (style.kind === 'none') {
    if (reasoning !== 'off') warnings.push(unsupported('reasoning', `${model.id} does not think; it was left out.`));
    return undefined;
  }
  const shown = reasoning === 'off' ? {} : { includeThoughts: true };
  if (style.kind === 'level') return { ...shown, thinkingLevel: level(reasoning, style.levels, model.id, warnings) };
  const cap = request.maxOutputTokens ?? model.maxOutputTokens ?? style.max;
  return { ...shown, thinkingBudget: budget(reasoning, style, cap, model.id, warnings) };
}

function level(reasoning: Reasoning, levels: readonly Level[], model: string, warnings: Warning[]): Level {
  const [lowest = 'LOW'] = levels;
  if (reasoning === 'off') {
    warnings.push(unsupported('reasoning', `${model} cannot stop thinking; its lowest level, ${lowest}, was sent.`));
    return lowest;
  }
  const wanted = levelOf[typeof reasoning === 'object' ? effortNear(reasoning.budgetTokens) : reasoning];
  const sent = levels.includes(wanted) ? wanted : 'HIGH';
  if (typeof reasoning === 'object') {
    warnings.push(unsupported('reasoning.budgetTokens', `${model} thinks by level; ${sent} was sent.`));
  } else if (sent !== wanted) {
    warnings.push(unsupported('reasoning', `${model} has no level ${wanted}; ${sent} was sent.`));
  }
  return sent;
}

function effortNear(tokens: number): 'low' | 'medium' | 'high' {
  if (tokens <= budgets.low) return 'low';
  return tokens <= budgets.medium ? 'medium' : 'high';
}

type BudgetStyle = Extract<ThinkingStyle, { readonly kind: 'budget' }>;

/** An effort takes at most half of the cap: the cap includes thinking, and an answer has to fit behind the thoughts. */
function budget(reasoning: Reasoning, style: BudgetStyle, cap: number, model: string, warnings: Warning[]): number {
  if (reasoning === 'off') {
    if (style.canBeOff) return 0;
    warnings.push(
      unsupported('reasoning', `${model} cannot stop thinking; the smallest budget, ${style.min} tokens, was sent.`),
    );
    return style.min;
  }
  if (typeof reasoning === 'string') return within(Math.min(budgets[reasoning], Math.floor(cap / 2)), style);
  const sent = within(reasoning.budgetTokens, style);
  if (sent !== reasoning.budgetTokens) {
    const range = `${style.min} to ${style.max}`;
    warnings.push(unsupported('reasoning.budgetTokens', `${model} takes ${range} tokens; ${sent} was sent.`));
  }
  return sent;
}

function within(tokens: number, { min, max }: BudgetStyle): number {
  return Math.min(max, Math.max(min, tokens));
}

/** As little thinking as the model can be told to do, for work that needs none; undefined when nothing is to be sent. */
export function leastThinking(modelId: string): JsonObject | undefined {
  const style = thinkingStyle(modelId);
  if (style.kind === 'none') return undefined;
  if (style.kind === 'level') return { thinkingLevel: style.levels[0] ?? 'LOW' };
  return { thinkingBudget: style.canBeOff ? 0 : style.min };
}
