import { countTokens } from '../answer/tokens.js';
import { asArray, asNumber, asObject, asString, eitherCase, type JsonObject } from '../json.js';

/** What the simulator reads from a Gemini request. */
export interface GeminiRequest {
  readonly prompt: string;
  readonly lastUserText: string;
  readonly promptTokens: number;
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

export function readGeminiRequest(body: JsonObject): GeminiRequest {
  const contents = asArray(body['contents']).map(asObject);
  const system = partsText(asObject(eitherCase(body, 'systemInstruction')));
  const turns = contents.map((content) => ({ role: asString(content?.['role']) ?? 'user', text: partsText(content) }));
  const generationConfig = asObject(eitherCase(body, 'generationConfig'));
  const texts = [system, ...turns.map((turn) => turn.text)];
  return {
    prompt: [system, ...turns.map((turn) => `${turn.role}: ${turn.text}`)].join('\n'),
    lastUserText: turns.findLast((turn) => turn.role === 'user')?.text ?? '',
    // One token per turn for its frame: with it "What is the capital of France?" has the recorded 8 tokens.
    promptTokens: texts.reduce((sum, text) => sum + countTokens(text), turns.length),
    maxTokens: asNumber(eitherCase(generationConfig, 'maxOutputTokens')),
    stop: asArray(eitherCase(generationConfig, 'stopSequences')).filter((stop) => typeof stop === 'string'),
    generationConfig,
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

function partsText(content: JsonObject | null): string {
  return asArray(content?.['parts'])
    .map((part) => asString(asObject(part)?.['text']) ?? '')
    .join('');
}
