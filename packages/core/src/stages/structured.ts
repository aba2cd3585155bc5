import { VibeError } from '../errors/vibe-error.js';
import { Answer, type EventSource } from '../flow/answer.js';
import type { Outcome } from '../flow/endings.js';
import { type ChainEvent, type ChainHandler, type HeldCall, handedOn, type Stage } from '../flow/live-call.js';
import { textOf } from '../flow/merge-content.js';
import type { ProviderResult } from '../spec/event.js';
import type { Warning } from '../spec/response.js';
import type { StandardSchema } from '../spec/standard-schema.js';
import { schemaProblem } from './json-schema.js';
import { type Repair, type RepairParts, repairOf } from './repair-request.js';

/**
 * Validates an answer that was asked for with a schema. In `generate()` a model that got it wrong is told so and asked
 * once more; that is a counted attempt with money of its own. A stream has shown its answer already, so there it fails.
 */
export function structured(parts: RepairParts): Stage<HeldCall> {
  return (next) => (call) => (hasSchema(call) ? validated(parts, call, next) : next(call));
}

function hasSchema(call: HeldCall): call is ChatHeldCall {
  return call.operation === 'chat' && call.request.output !== undefined;
}

async function validated(parts: RepairParts, call: ChatHeldCall, next: ChainHandler<HeldCall>): Promise<Answer> {
  const { endings } = call.state;
  return new Answer(new ValidatedAnswer(parts, call, await attempt(call, next), next), endings);
}

/** How much is told of what is wrong, in characters. */
const maxProblemLength = 1_000;

/** An answer that may not be the last one: its end is not that of the call. */
async function attempt(call: HeldCall, next: ChainHandler<HeldCall>): Promise<Answer> {
  const { height } = call.state.endings;
  const answer = await next(call);
  answer.endAt(height);
  return answer;
}

type ChatHeldCall = HeldCall & { readonly operation: 'chat' };

/** The events of an answer with a schema; those of its repair follow when it does not fit. */
class ValidatedAnswer implements EventSource {
  readonly #parts: RepairParts;
  readonly #call: ChatHeldCall;
  readonly #next: ChainHandler<HeldCall>;
  #answer: Answer;
  #isRepair = false;

  constructor(parts: RepairParts, call: ChatHeldCall, answer: Answer, next: ChainHandler<HeldCall>) {
    this.#parts = parts;
    this.#call = call;
    this.#answer = answer;
    this.#next = next;
  }

  async next(): Promise<readonly ChainEvent[]> {
    const events = await this.#answer.next();
    const last = events[events.length - 1];
    if (last?.type !== 'final') return events;
    const problem = await problemOf(this.#call, last.result);
    if (problem === null) {
      if (this.#isRepair) this.#call.state.warnings.push(repairedWarning);
      return events;
    }
    const failure = mismatch(problem, last.result);
    if (this.#isRepair || !mayRepair(this.#call, last.result)) throw failure;
    this.#isRepair = true;
    const call = fromWhoAnswered(this.#call);
    this.#answer = await this.#repair(
      call,
      repairOf(this.#parts, call, this.#call.request, last.result, problem),
      failure,
    );
    return this.next();
  }

  leave(outcome: Outcome): Promise<void> {
    return this.#answer.leave(outcome);
  }

  /** When there is no money for the repair, the mismatch is what the caller should hear of. */
  async #repair(call: HeldCall, { request, extraNanoUsd }: Repair, failure: VibeError): Promise<Answer> {
    try {
      return await attempt(handedOn(call, { request, extraNanoUsd }), this.#next);
    } catch (thrown) {
      throw VibeError.is(thrown, 'budget_exceeded') ? failure : thrown;
    }
  }
}

/** Those before it have failed in this call already: they would use up the attempts that are left. */
function fromWhoAnswered(call: HeldCall): HeldCall {
  const place = call.candidates.findIndex(({ target }) => target === call.state.target);
  return place <= 0 ? call : handedOn(call, { candidates: call.candidates.slice(place) });
}

const repairedWarning: Warning = {
  code: 'repaired',
  message: 'The first answer did not match the schema; the model corrected it when it was asked again.',
};

/** A stream has shown its answer. An answer that was cut at the cap or by a filter would end so again. */
function mayRepair(call: HeldCall, { finishReason }: ProviderResult): boolean {
  if (call.incremental || finishReason === 'length' || finishReason === 'content_filter') return false;
  return call.state.dispatched < call.settings.attempts;
}

/** What is wrong with the answer. A model that calls tools has not answered yet: there is nothing to validate. */
async function problemOf(call: HeldCall, result: ProviderResult): Promise<string | null> {
  const callsTools = result.finishReason === 'tool_calls' || result.content.some(({ type }) => type === 'tool_call');
  if (callsTools) return null;
  if (result.finishReason === 'content_filter') {
    throw new VibeError('content_filtered', 'The answer was withheld by a filter, so there is no object to return.', {
      requestId: result.requestId ?? undefined,
      details: { rawFinishReason: result.rawFinishReason },
      mayBeBilled: true,
      next: ['Change the prompt, or the safety settings of the provider (providerOptions).'],
    });
  }
  const problem = brief(await validate(call, result));
  return problem !== null && result.finishReason === 'length' ? `${problem}; it was cut at maxOutputTokens` : problem;
}

/** A list of a thousand wrong entries says no more than its beginning, and the model is sent it as input. */
function brief(problem: string | null): string | null {
  if (problem === null || problem.length <= maxProblemLength) return problem;
  return `${problem.slice(0, maxProblemLength).toWellFormed()}…`;
}

/** What is wrong with the answer; null when it fits, and `state.object` then has the value. */
async function validate(call: HeldCall, result: ProviderResult): Promise<string | null> {
  let value: unknown;
  try {
    value = JSON.parse(withoutFence(textOf(result.content)));
  } catch (error) {
    const reason = withoutQuote(error instanceof Error ? error.message : String(error));
    return reason === '' ? 'it is no JSON' : `it is no JSON (${reason})`;
  }
  const schema = standardSchema(call);
  if (schema === null) {
    const problem = schemaProblem(value, jsonSchema(call));
    if (problem === null) call.state.object = value;
    return problem;
  }
  const validated = await schema['~standard'].validate(value);
  if (validated.issues === undefined) {
    call.state.object = validated.value;
    return null;
  }
  return validated.issues
    .map(
      ({ path = [], message }) =>
        `${path.map((key) => String(typeof key === 'object' ? key.key : key)).join('.') || 'answer'}: ${message}`,
    )
    .join('; ');
}

/** What `JSON.parse` says quotes the beginning of the text. Messages are kept in the ledger, answers are not. */
function withoutQuote(message: string): string {
  return message.replace(/,? ?(?:\.{3})?"[\s\S]*"(?:\.{3})? is not valid JSON$/, '');
}

/** Models like to wrap JSON in a Markdown fence even when they were asked not to. */
function withoutFence(text: string): string {
  const fenced = /^\s*```(?:json)?\s*\n([\s\S]*?)\n?\s*```\s*$/.exec(text);
  return fenced?.[1] ?? text;
}

/** What is no Standard Schema is a plain JSON Schema; not every provider enforces it. */
function jsonSchema(call: HeldCall): { readonly [word: string]: unknown } {
  const output: unknown = call.operation === 'chat' ? call.request.output : undefined;
  return typeof output === 'object' && output !== null ? (output as { readonly [word: string]: unknown }) : {};
}

function standardSchema(call: HeldCall): StandardSchema | null {
  const output: unknown = call.operation === 'chat' ? call.request.output : undefined;
  const isStandard =
    (typeof output === 'object' || typeof output === 'function') && output !== null && '~standard' in output;
  return isStandard ? (output as StandardSchema) : null;
}

function mismatch(problem: string, result: ProviderResult): VibeError {
  return new VibeError('schema_mismatch', `The answer does not match the schema: ${problem}.`, {
    requestId: result.requestId ?? undefined,
    details: { text: textOf(result.content).slice(0, 2_000) },
    next: ['Simplify the schema, or use a model with native structured output.'],
  });
}
