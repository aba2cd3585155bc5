import type { ChatCall, Json, JsonObject, StandardSchema, Tool, Warning } from '@vibe/core';
import { isStrictSchema, jsonSchemaOf } from '../provider/json-schema.js';
import { type FixedField, mergeOptions } from '../provider/merge-options.js';
import type { ChatDialect, ChatDraft } from './dialect.js';
import { chatMessages } from './messages.js';

export interface ChatBody {
  readonly body: JsonObject;
  /** Whether the answer comes as a stream of events. */
  readonly streams: boolean;
  readonly warnings: readonly Warning[];
}

/** The body of a chat-completions request. Pure: the same for a real call and for `describe`. */
export function chatBody(call: ChatCall, dialect: ChatDialect): ChatBody {
  const { request, model } = call;
  const streams = chatStreams(call, dialect);
  const cap = request.maxOutputTokens ?? model.maxOutputTokens;
  const warnings: Warning[] = [];
  const draft: ChatDraft = {
    body: {
      model: model.id,
      messages: chatMessages(request.messages, dialect, warnings),
      ...(cap !== undefined && { [dialect.maxTokensField(model)]: cap }),
      ...(request.temperature !== undefined && { temperature: request.temperature }),
      ...(request.topP !== undefined && { top_p: request.topP }),
      ...(request.stop !== undefined && request.stop.length > 0 && { stop: request.stop }),
      ...(request.seed !== undefined && { seed: request.seed }),
      ...toolFields(call),
      ...(streams && { stream: true, stream_options: { include_usage: true } }), // without it a stream says no usage at all
    },
    warnings,
  };
  if (isSchema(request.output)) askForJson(draft, request.output, dialect.structured(call));
  dialect.adapt(draft, call);
  return {
    body: mergeOptions(draft.body, request.providerOptions?.[dialect.provider], [], fixedFields),
    streams,
    warnings: draft.warnings,
  };
}

/** Whether a call is streamed by the service: when somebody watches, and where the model or the dialect wants it. */
export function chatStreams(call: ChatCall, dialect: Pick<ChatDialect, 'mustStream'>): boolean {
  const { streams } = call.model;
  return streams === 'only' || (streams && (call.incremental || dialect.mustStream(call)));
}

const useCap = 'Use maxOutputTokens.';
const oneAnswer = 'Make one call per answer.';
const fixedFields: readonly FixedField[] = [
  { path: 'model', instead: 'Use the model of the request.' },
  { path: 'messages', instead: 'Use prompt, system or messages of the request.' },
  { path: 'max_tokens', instead: useCap },
  { path: 'max_completion_tokens', instead: useCap },
  { path: 'n', instead: oneAnswer },
  { path: 'best_of', instead: oneAnswer },
  { path: 'stream', instead: 'Use stream() or generate().' },
  { path: 'incremental_output', instead: 'Leave it out: events are read as additions.' },
];

function toolFields({ request }: ChatCall): Record<string, Json> {
  const { tools = [], toolChoice } = request;
  if (tools.length === 0) return {};
  return {
    tools: tools.map(toolField),
    ...(toolChoice !== undefined && {
      tool_choice:
        typeof toolChoice === 'string' ? toolChoice : { type: 'function', function: { name: toolChoice.name } },
    }),
  };
}

function toolField(tool: Tool): Json {
  return {
    type: 'function',
    function: {
      name: tool.name,
      ...(tool.description !== undefined && { description: tool.description }),
      parameters: jsonSchemaOf(tool.input, `The input of tool ${tool.name}`),
    },
  };
}

function isSchema(output: unknown): output is JsonObject | StandardSchema {
  return output !== undefined && output !== null && (typeof output === 'object' || typeof output === 'function');
}

/** Natively where the service can; otherwise, and where it only knows "some JSON", the schema is given in words. */
function askForJson(
  draft: ChatDraft,
  output: JsonObject | StandardSchema,
  mode: 'json_schema' | 'json_object' | 'prompt',
): void {
  const schema = jsonSchemaOf(output, 'The output');
  if (mode === 'json_schema') {
    // what strict mode would refuse is still asked for; core checks every answer
    const strict = isStrictSchema(schema);
    draft.body['response_format'] = { type: 'json_schema', json_schema: { name: 'answer', schema, strict } };
    return;
  }
  if (mode === 'json_object') draft.body['response_format'] = { type: 'json_object' };
  const words = `Answer with one JSON value and nothing else. It must satisfy this JSON Schema: ${JSON.stringify(schema)}`;
  draft.body['messages'] = [{ role: 'system', content: words }, ...((draft.body['messages'] ?? []) as readonly Json[])];
}
