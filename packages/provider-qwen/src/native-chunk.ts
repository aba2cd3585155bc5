import { asWireObject, readArray, readObject, readText, type WireObject } from '@vibe/provider-kit';
import {
  type ChatChoice,
  type ChatChunk,
  flatError,
  readChatChoice,
  readChatChunk,
  readFinishReason,
} from '@vibe/provider-kit/openai';

/**
 * Reads an event or a whole answer of either API: the native one has everything under `output`, also when it comes over the
 * compatible endpoint, as errors of its gateway do.
 */
export function readQwenChunk(json: unknown): ChatChunk {
  const answer = asWireObject(json, '$');
  const output = readObject(answer, 'output', '$');
  return output === undefined ? readChatChunk(answer) : nativeChunk(answer, output);
}

function nativeChunk(answer: WireObject, output: WireObject): ChatChunk {
  const choices = readArray(output, 'choices', '$.output');
  const choice = choices === undefined ? bareChoice(output) : readChatChoice(choices, '$.output.choices');
  return {
    id: readText(answer, 'request_id', '$'),
    model: readText(answer, 'model', '$'),
    choice,
    usage: readObject(answer, 'usage', '$'),
    error: choice === undefined ? flatError(answer) : undefined, // an output may be there and empty
  };
}

/** `result_format: text`: the text and its end stand in the output itself. */
function bareChoice(output: WireObject): ChatChoice | undefined {
  const text = readText(output, 'text', '$.output');
  const finishReason = readFinishReason(output, '$.output');
  if (text === undefined && finishReason === undefined) return undefined;
  return { finishReason, text, refusal: undefined, reasoning: undefined, toolCalls: [], audio: undefined };
}

/** The status in a comment such as `HTTP_STATUS/400` (facts: errors inside a stream say it only there); null for 200. */
export function statusInComment(comment: string): number | null {
  const status = Number(/^\s*HTTP_STATUS\/(\d{3})\s*$/.exec(comment)?.[1]);
  return status >= 400 ? status : null;
}
