import { VibeError } from '../errors/vibe-error.js';
import type { ChainEvent, HeldCall, Stage } from '../flow/live-call.js';
import { textOf } from '../flow/merge-content.js';
import type { ProviderResult } from '../spec/event.js';
import type { ChatRequest } from '../spec/request.js';
import type { StandardSchema } from '../spec/standard-schema.js';
import { schemaProblem } from './json-schema.js';

/**
 * Validates an answer that was asked for with a schema. In `generate()` a model that got it wrong is told so and asked
 * once more; that is a counted attempt with money of its own. A stream has shown its answer already, so there it fails.
 */
export function structured(): Stage<HeldCall> {
  return (next) =>
    async function* (call) {
      if (call.operation !== 'chat' || call.request.output === undefined) {
        yield* next(call);
        return;
      }
      let repair: { readonly request: ChatRequest; readonly failure: VibeError } | null = null;
      for await (const event of next(call)) {
        if (event.type !== 'final') {
          yield event;
          continue;
        }
        const problem = await problemOf(call, event.result);
        if (problem === null) {
          yield event;
          return;
        }
        if (!mayRepair(call, event.result)) throw mismatch(problem, event.result);
        repair = {
          request: repairRequest(call.request, event.result, problem),
          failure: mismatch(problem, event.result),
        };
      }
      // The wrong answer and the correction are sent as input, which costs no more than they did as output.
      const extraNanoUsd = call.state.attempts.at(-1)?.actualNanoUsd ?? 0;
      if (repair !== null)
        yield* repaired(
          next({ ...call, operation: 'chat', request: repair.request, extraNanoUsd }),
          call,
          repair.failure,
        );
    };
}

/** When there is no money for the repair, the mismatch is what the caller should hear of. */
async function* repaired(
  events: AsyncIterable<ChainEvent>,
  call: HeldCall,
  failure: VibeError,
): AsyncIterable<ChainEvent> {
  try {
    for await (const event of events) {
      if (event.type === 'final') {
        const problem = await problemOf(call, event.result);
        if (problem !== null) throw mismatch(problem, event.result);
        call.state.warnings.push({
          code: 'repaired',
          message: 'The first answer did not match the schema; the model corrected it when it was asked again.',
        });
      }
      yield event;
    }
  } catch (thrown) {
    throw VibeError.is(thrown, 'budget_exceeded') ? failure : thrown;
  }
}

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
  const problem = await validate(call, result);
  return problem !== null && result.finishReason === 'length' ? `${problem}; it was cut at maxOutputTokens` : problem;
}

/** What is wrong with the answer; null when it fits, and `state.object` then has the value. */
async function validate(call: HeldCall, result: ProviderResult): Promise<string | null> {
  let value: unknown;
  try {
    value = JSON.parse(withoutFence(textOf(result.content)));
  } catch (error) {
    return `it is no JSON (${error instanceof Error ? error.message : String(error)})`;
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

function repairRequest(request: ChatRequest, result: ProviderResult, problem: string): ChatRequest {
  const correction = `Your answer does not match the required JSON schema: ${problem}. Answer again with the corrected JSON only.`;
  return {
    ...request,
    messages: [
      ...request.messages,
      { role: 'assistant', content: result.content.filter((part) => part.type === 'text') },
      { role: 'user', content: [{ type: 'text', text: correction }] },
    ],
  };
}

function mismatch(problem: string, result: ProviderResult): VibeError {
  return new VibeError('schema_mismatch', `The answer does not match the schema: ${problem}.`, {
    requestId: result.requestId ?? undefined,
    details: { text: textOf(result.content).slice(0, 2_000) },
    next: ['Simplify the schema, or use a model with native structured output.'],
  });
}
