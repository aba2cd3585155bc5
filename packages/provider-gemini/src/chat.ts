import type { ChatCall, Json, JsonObject, StandardSchema, ToolChoice, Warning } from '@vibe/core';
import { jsonSchemaOf } from '@vibe/provider-kit';
import { geminiContents } from './contents.js';
import { withOptions } from './options-on-wire.js';
import { generateUrl, type Prepared, streams } from './prepared.js';
import { thinkingConfig } from './thinking.js';

/** A chat as generateContent takes it. */
export function prepareChat(call: ChatCall): Prepared {
  const { request, model } = call;
  const warnings: Warning[] = [];
  const cap = request.maxOutputTokens ?? model.maxOutputTokens;
  const thinking = thinkingConfig(call, warnings);
  const schema = outputSchema(call);
  const native = schema !== undefined && nativeJson(call);
  const contents = geminiContents(
    schema === undefined || native ? request.messages : withSchema(call, schema),
    model.id,
  );
  const generationConfig: JsonObject = {
    ...(cap !== undefined && { maxOutputTokens: cap }), // includes thinking, as our cap does
    ...(request.temperature !== undefined && { temperature: request.temperature }),
    ...(request.topP !== undefined && { topP: request.topP }),
    ...(request.stop !== undefined && request.stop.length > 0 && { stopSequences: request.stop }),
    ...(request.seed !== undefined && { seed: request.seed }),
    ...(native && { responseMimeType: 'application/json', responseJsonSchema: schema }),
    ...(thinking !== undefined && { thinkingConfig: thinking }),
  };
  // Not spreads: an object that grows behind one makes a hidden class each time (docs/decisions/0012).
  const body: JsonObject = Object.assign({}, contents, toolFields(call), { generationConfig });
  return { url: generateUrl(call), body: withOptions(body, request), streams: streams(call), warnings };
}

function toolFields({ request }: ChatCall): JsonObject {
  const { tools = [], toolChoice } = request;
  if (tools.length === 0) return {};
  const functionDeclarations = tools.map((tool) => ({
    name: tool.name,
    ...(tool.description !== undefined && { description: tool.description }),
    parametersJsonSchema: jsonSchemaOf(tool.input, `The input of tool ${tool.name}`),
  }));
  return {
    tools: [{ functionDeclarations }],
    ...(toolChoice !== undefined && { toolConfig: { functionCallingConfig: callingConfig(toolChoice) } }),
  };
}

function callingConfig(choice: ToolChoice): Json {
  if (typeof choice === 'object') return { mode: 'ANY', allowedFunctionNames: [choice.name] };
  return { mode: ({ auto: 'AUTO', none: 'NONE', required: 'ANY' } as const)[choice] };
}

function outputSchema({ request }: ChatCall): JsonObject | undefined {
  if (request.output === undefined || request.output === null) return undefined;
  return jsonSchemaOf(request.output as JsonObject | StandardSchema, 'The output');
}

/** 2.5 refuses JSON together with tools: "Function calling with a response mime type … is unsupported" (python-genai #867). */
function nativeJson({ request, model }: ChatCall): boolean {
  return (
    model.structured && !(request.tools !== undefined && request.tools.length > 0 && /gemini-[12]\./.test(model.id))
  );
}

/** The schema in words, as a system message. */
function withSchema({ request }: ChatCall, schema: JsonObject): ChatCall['request']['messages'] {
  const text = `Answer with one JSON value and nothing else. It must satisfy this JSON Schema: ${JSON.stringify(schema)}`;
  return [{ role: 'system', content: [{ type: 'text', text }] }, ...request.messages];
}
