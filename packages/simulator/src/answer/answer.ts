import { randomStream } from './random.js';
import { answerSentences, reasoningSentences } from './sentences.js';
import { splitTokens } from './tokens.js';

/** The longest answer that `tokens: N` may ask for. */
export const MAX_SCRIPTED_TOKENS = 200_000;

const ECHO = /^\s*echo:\s?(.*)$/is;
const EXACT_LENGTH = /^\s*tokens:\s*(\d{1,9})\b/i;

const MIN_SENTENCES = 3;
const MAX_SENTENCES = 7;
const MAX_TOPIC_CHARS = 60;

export interface AnswerRequest {
  readonly seed: number;
  readonly model: string;
  /** The whole conversation as text; with seed and model it decides the answer. */
  readonly prompt: string;
  /** Text of the last user message, read for the rules `echo:` and `tokens:`. */
  readonly lastUserText: string;
  /** Upper bound of reasoning and text together; null: none. */
  readonly maxTokens: number | null;
  readonly stop: readonly string[];
  /** How long the model thinks before it answers; 0: not at all. */
  readonly reasoningTokens: number;
}

/** One simulated answer, as tokens: how a wire groups them into deltas is its own business. */
export interface Answer {
  readonly reasoning: readonly string[];
  readonly text: readonly string[];
  readonly finish: 'stop' | 'length';
}

/**
 * The answer to a prompt: the same for the same seed, model and prompt, however it is asked for.
 * A last user message `echo: TEXT` is answered with TEXT, verbatim; `tokens: N` with exactly N tokens (at most
 * {@link MAX_SCRIPTED_TOKENS}). Anything else gets a short paragraph that calls itself simulated.
 */
export function composeAnswer(request: AnswerRequest): Answer {
  const text = splitTokens(cutAtStop(fullText(request), request.stop));
  const reasoning = reasoningText(request);
  const cap = request.maxTokens ?? Number.POSITIVE_INFINITY;
  const keptReasoning = reasoning.slice(0, Math.min(reasoning.length, cap));
  const keptText = text.slice(0, Math.min(text.length, cap - keptReasoning.length));
  const complete = reasoning.length + text.length <= cap;
  return { reasoning: keptReasoning, text: keptText, finish: complete ? 'stop' : 'length' };
}

function fullText(request: AnswerRequest): string {
  const echoed = ECHO.exec(request.lastUserText);
  if (echoed) return echoed[1] ?? '';
  const random = randomStream('answer', request.seed, request.model, request.prompt);
  const length = EXACT_LENGTH.exec(request.lastUserText);
  if (length) return exactLength(Math.min(Number(length[1]), MAX_SCRIPTED_TOKENS), random);
  const count = MIN_SENTENCES + Math.floor(random() * (MAX_SENTENCES - MIN_SENTENCES + 1));
  return `${opening(request)} ${pick(answerSentences, count, random).join(' ')}`;
}

/** Names the model and the question, so that nobody mistakes the text for a real answer. */
function opening(request: AnswerRequest): string {
  const question = request.lastUserText.replace(/\s+/g, ' ').trim();
  const topic = [...question].slice(0, MAX_TOPIC_CHARS).join('');
  const asked = topic === '' ? '' : ` to “${topic}${topic.length < question.length ? '…' : ''}”`;
  return `This is a simulated answer from ${request.model}${asked}.`;
}

function reasoningText(request: AnswerRequest): string[] {
  if (request.reasoningTokens <= 0) return [];
  return splitTokens(
    exactLength(request.reasoningTokens, randomStream('reasoning', request.seed, request.prompt), reasoningSentences),
  );
}

/** Sentences until there are enough tokens, cut to exactly that many. */
function exactLength(tokens: number, random: () => number, sentences = answerSentences): string {
  const pieces: string[] = [];
  while (pieces.length < tokens) {
    const [sentence = ''] = pick(sentences, 1, random);
    for (const piece of splitTokens(pieces.length === 0 ? sentence : ` ${sentence}`)) pieces.push(piece);
  }
  return pieces.slice(0, tokens).join('');
}

/** `count` different sentences in a random order; all of them, when there are not that many. */
function pick(sentences: readonly string[], count: number, random: () => number): string[] {
  const left = [...sentences];
  const picked: string[] = [];
  while (picked.length < count && left.length > 0) {
    picked.push(...left.splice(Math.floor(random() * left.length), 1));
  }
  return picked;
}

/** The text before the first stop sequence; the sequence itself is not part of the answer. */
function cutAtStop(text: string, stop: readonly string[]): string {
  const found = stop.filter((sequence) => sequence !== '').map((sequence) => text.indexOf(sequence));
  const first = Math.min(text.length, ...found.filter((index) => index >= 0));
  return text.slice(0, first);
}
