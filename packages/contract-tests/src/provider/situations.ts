import type { PluginInput } from '@vibe/core';
import type { Abilities } from './abilities.js';

/** A request as the service got it. */
export interface ServiceRequest {
  readonly method: string;
  /** With the query; without host. */
  readonly path: string;
  /** Parsed where it is JSON. */
  readonly body: unknown;
}

/** What the service does with every request, from the moment the situation was entered until the next one is. */
export interface Situation {
  /** Who is to be asked in it. Default: the subject's provider; a refused key needs another. */
  readonly provider?: PluginInput;
  /** The requests for answers since it was entered, oldest first. Pings, token counts and uploads are none. */
  requests(): readonly ServiceRequest[];
}

/** What the service said about its answer, in its own terms. Unset: it said nothing about that. */
export interface Said {
  /** The whole text, without reasoning. */
  readonly text?: string;
  /** All input tokens it bills, those from the cache included. */
  readonly inputTokens?: number;
  /** How many of them came from the cache. */
  readonly cachedInputTokens?: number;
  /** All output tokens it bills, those of reasoning included. */
  readonly outputTokens?: number;
  /** How many of them were reasoning. */
  readonly reasoningTokens?: number;
}

/** The service answers, and the same request always in the same way, streamed or not (ids and times apart). */
export interface Answering extends Situation {
  /** About its last answer. Read it at the service, not through the provider. */
  said(): Said | Promise<Said>;
}

export interface Held extends Situation {
  /** Resolves as soon as a request has arrived. */
  arrived(): Promise<void>;
  /** Resolves as soon as the client has closed the connection of every request so far. */
  left(): Promise<void>;
}

export interface Limited extends Situation {
  /** What the service asks to wait, in ms. */
  readonly retryAfterMs: number;
}

export interface SituationTypes {
  answer: Answering;
  holdBack: Held;
  silence: Held;
  badKey: Situation;
  rateLimited: Limited;
  rateLimitedWithoutHint: Situation;
  serverError: Situation;
  overloaded: Situation;
  rejected: Situation;
  unreadable: Situation;
  resetBeforeAnswer: Situation;
  resetInAnswer: Situation;
  truncated: Situation;
  noUsage: Situation;
  toolCall: Situation;
  structured: Situation;
  reasoning: Answering;
  cachedInput: Answering;
}

export type SituationName = keyof SituationTypes;

/** How to enter each situation. */
export type Situations = {
  readonly [Name in SituationName]?: () => SituationTypes[Name] | Promise<SituationTypes[Name]>;
};

interface SituationRule {
  /** What the service does. */
  readonly meaning: string;
  /** Whether a provider with these abilities cannot do without it. */
  readonly needed: (abilities: Abilities) => boolean;
}

const always = () => true;
const whenItStreams = (abilities: Abilities) => abilities.streaming !== null;

/** Every situation, what the service does in it, and who needs it. */
export const situationRules: Readonly<Record<SituationName, SituationRule>> = {
  answer: { meaning: 'answers, in several pieces where it is asked to stream', needed: always },
  holdBack: { meaning: 'streams the first piece of its answer, then nothing more', needed: whenItStreams },
  silence: { meaning: 'takes the request and says nothing at all', needed: always },
  badKey: { meaning: 'refuses the key', needed: always },
  rateLimited: { meaning: 'refuses for a rate limit and says how long to wait', needed: always },
  rateLimitedWithoutHint: { meaning: 'refuses for a rate limit and does not say how long to wait', needed: always },
  serverError: { meaning: 'fails with a 500 or its like', needed: always },
  overloaded: { meaning: 'is overloaded for the moment: a 503 or its like', needed: always },
  rejected: { meaning: 'finds fault with the request itself: a 400 or its like', needed: always },
  unreadable: {
    meaning: 'answers with success and a body that is not of its wire, such as the page of a gateway',
    needed: always,
  },
  resetBeforeAnswer: { meaning: 'tears the connection down before its answer begins', needed: always },
  resetInAnswer: { meaning: 'tears the connection down after the first piece of its answer', needed: whenItStreams },
  truncated: { meaning: 'ends the stream cleanly in the middle of its answer', needed: whenItStreams },
  noUsage: { meaning: 'answers and does not say what it bills', needed: always },
  toolCall: { meaning: 'answers with a call of the first tool', needed: ({ tools }) => tools !== null },
  structured: { meaning: 'answers in the JSON it is asked for', needed: ({ structured }) => structured !== null },
  reasoning: { meaning: 'thinks before it answers', needed: ({ reasoning }) => reasoning !== null },
  cachedInput: { meaning: 'bills a part of the input as read from its cache', needed: () => false },
};
