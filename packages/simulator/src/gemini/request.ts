import { countTokens } from '../answer/tokens.js';
import type { OfferedTool } from '../answer/tool-plan.js';
import { asArray, asNumber, asObject, asString, eitherCase, type JsonObject } from '../json.js';
import type { Shelf } from '../shelf.js';
import { type MediaTokens, mediaTokens } from './media-tokens.js';

/** What the simulator reads from a Gemini request. */
export interface GeminiRequest {
  readonly prompt: string;
  readonly lastUserText: string;
  /** Of its text and tools; media are counted apart. */
  readonly promptTokens: number;
  readonly media: MediaTokens;
  readonly tools: readonly OfferedTool[];
  /** As `planCalls` wants it. */
  readonly toolChoice: string | boolean | null;
  /** The last content is the user's, and no result of a tool. */
  readonly asksNow: boolean;
  /** What the answer must be in JSON: its schema, or an empty one; null when text is fine. */
  readonly jsonSchema: JsonObject | null;
  readonly modalities: readonly string[];
  readonly maxTokens: number | null;
  readonly stop: readonly string[];
  readonly generationConfig: JsonObject | null;
}

const requestFields = new Set(
  'model contents systemInstruction tools toolConfig safetySettings cachedContent serviceTier generationConfig labels'.split(
    ' ',
  ),
);

const generationFields = new Set(
  `temperature topP topK candidateCount maxOutputTokens stopSequences seed presencePenalty frequencyPenalty
   responseLogprobs logprobs mediaResolution responseMimeType responseSchema responseJsonSchema responseFormat
   thinkingConfig responseModalities imageConfig speechConfig audioTimestamp routingConfig enableAffectiveDialog`.split(
    /\s+/,
  ),
);

interface Conversation {
  readonly system: string;
  readonly turns: readonly { readonly role: string; readonly text: string }[];
}

function conversationOf(body: JsonObject): Conversation {
  const turns = asArray(body['contents']).map((each) => {
    const content = asObject(each);
    return { role: asString(content?.['role']) ?? 'user', text: partsText(content) };
  });
  return { system: partsText(asObject(eitherCase(body, 'systemInstruction'))), turns };
}

/** The whole conversation as text; of a request to Imagen its prompt. */
export function conversationText(body: JsonObject): string {
  const painted = asString(asObject(asArray(body['instances'])[0])?.['prompt']);
  const { system, turns } = conversationOf(body);
  return painted ?? [system, ...turns.map((turn) => `${turn.role}: ${turn.text}`)].join('\n');
}

export function readGeminiRequest(body: JsonObject, shelf: Shelf): GeminiRequest {
  const contents = asArray(body['contents']).map(asObject);
  const { system, turns } = conversationOf(body);
  const generationConfig = asObject(eitherCase(body, 'generationConfig'));
  const declared = asArray(body['tools']).flatMap((tool) =>
    asArray(eitherCase(asObject(tool), 'functionDeclarations')),
  );
  const texts = [system, ...turns.map((turn) => turn.text), ...(declared.length > 0 ? [JSON.stringify(declared)] : [])];
  const last = contents.at(-1) ?? null;
  return {
    prompt: conversationText(body),
    lastUserText: turns.findLast((turn) => turn.role === 'user')?.text ?? '',
    // One token per turn for its frame: with it "What is the capital of France?" has the recorded 8 tokens.
    promptTokens: texts.reduce((sum, text) => sum + countTokens(text), turns.length),
    maxTokens: asNumber(eitherCase(generationConfig, 'maxOutputTokens')),
    stop: asArray(eitherCase(generationConfig, 'stopSequences')).filter((stop) => typeof stop === 'string'),
    generationConfig,
    media: mediaTokens(contents, shelf),
    tools: declared.flatMap(toolOf),
    toolChoice: choiceOf(body),
    asksNow: (asString(last?.['role']) ?? 'user') === 'user' && !hasResult(last),
    jsonSchema: schemaOf(generationConfig),
    modalities: asArray(eitherCase(generationConfig, 'responseModalities')).filter((each) => typeof each === 'string'),
  };
}

/** Why Gemini would refuse this request as malformed; null when it would not. */
export function findGeminiFault(body: JsonObject): string | null {
  const unknown =
    unknownField(body, requestFields, '') ??
    unknownField(asObject(eitherCase(body, 'generationConfig')) ?? {}, generationFields, "'generation_config'");
  if (unknown !== null) return unknown;
  const contents = asArray(body['contents']);
  if (contents.length === 0) return '* GenerateContentRequest.contents: contents is not specified\n';
  const roles = contents.map((content) => asObject(content)?.['role'] ?? 'user');
  if (roles.some((role) => role !== 'user' && role !== 'model')) return 'Please use a valid role: user, model.';
  const maxTokens = asNumber(eitherCase(asObject(eitherCase(body, 'generationConfig')), 'maxOutputTokens'));
  if (maxTokens !== null && maxTokens < 1) return 'max_output_tokens must be positive.';
  return null;
}

/** Google refuses every field it does not know, which is how a misspelt one is found. */
function unknownField(object: JsonObject, known: ReadonlySet<string>, where: string): string | null {
  const camel = (name: string) => name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
  const field = Object.keys(object).find((name) => !known.has(camel(name)));
  if (field === undefined) return null;
  return `Invalid JSON payload received. Unknown name "${field}"${where === '' ? '' : ` at ${where}`}: Cannot find field.`;
}

function toolOf(declaration: unknown): OfferedTool[] {
  const fields = asObject(declaration);
  const name = asString(fields?.['name']);
  if (name === null) return [];
  return [{ name, input: eitherCase(fields, 'parametersJsonSchema') ?? fields?.['parameters'] ?? { type: 'object' } }];
}

function choiceOf(body: JsonObject): string | boolean | null {
  const config = asObject(eitherCase(asObject(eitherCase(body, 'toolConfig')), 'functionCallingConfig'));
  const mode = asString(config?.['mode'])?.toUpperCase();
  if (mode === 'NONE') return false;
  if (mode !== 'ANY') return null;
  return asString(asArray(eitherCase(config, 'allowedFunctionNames'))[0]) ?? true;
}

function hasResult(content: JsonObject | null): boolean {
  return asArray(content?.['parts']).some((part) => eitherCase(asObject(part), 'functionResponse') !== undefined);
}

function schemaOf(config: JsonObject | null): JsonObject | null {
  if (eitherCase(config, 'responseMimeType') !== 'application/json') return null;
  return asObject(eitherCase(config, 'responseJsonSchema')) ?? asObject(eitherCase(config, 'responseSchema')) ?? {};
}

function partsText(content: JsonObject | null): string {
  return asArray(content?.['parts'])
    .map((part) => asString(asObject(part)?.['text']) ?? '')
    .join('');
}
