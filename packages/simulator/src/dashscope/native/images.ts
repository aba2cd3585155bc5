import type { Exchange } from '../../exchange.js';
import { jsonHeaders, makeReply, type Reply } from '../../http/reply.js';
import { asArray, asNumber, asObject, asString, type JsonObject } from '../../json.js';
import { MAX_SIDE } from '../../media/png.js';
import { gatewayHeaders } from '../wire.js';
import { invalid, itemsText, refuseNative } from './request.js';
import { resultAddress } from './results.js';

/** What a request for pictures asks. */
export interface PictureRequest {
  readonly prompt: string;
  readonly count: number;
  readonly width: number;
  readonly height: number;
}

/** Facts: the number of pictures of one call, by model; what is not listed makes one. */
const mostPictures: readonly (readonly [RegExp, number])[] = [
  [/^qwen-image-2|^qwen-image-edit-(plus|max)/, 6],
  [/^wan/, 4],
];

/** Pictures at once: the answer of the qwen-image models, as recorded. */
export function paintAtOnce(exchange: Exchange): Reply {
  const refusal = refuseNative(exchange);
  if (refusal) return refusal;
  const asked = readPictureRequest(exchange);
  if (typeof asked === 'string') return invalid(exchange, asked);
  const { count, width, height } = asked;
  const content = pictureAddresses(exchange, asked).map((image) => ({ image }));
  const data = {
    output: {
      choices: [{ finish_reason: 'stop', message: { content, role: 'assistant' } }],
      task_metric: { FAILED: 0, SUCCEEDED: count, TOTAL: count },
    },
    usage: { height, image_count: count, width },
    request_id: exchange.requestId,
  };
  return makeReply({
    headers: { ...jsonHeaders, ...gatewayHeaders(exchange) },
    steps: [{ do: 'body', data, tokens: 1 }],
    paced: true,
  });
}

/** The request, or what is wrong with it. Prompts come as `input.prompt` or in messages. */
export function readPictureRequest({ body, model }: Exchange): PictureRequest | string {
  const input = asObject(body['input']) ?? {};
  const parameters = asObject(body['parameters']) ?? {};
  const messages = asArray(input['messages']).map((message) => itemsText(asObject(message)?.['content']));
  const prompt = asString(input['prompt']) ?? messages.join('\n');
  if (prompt === '') return 'Field required: input.prompt';
  const most = mostPictures.find(([pattern]) => pattern.test(model ?? ''))?.[1] ?? 1;
  const count = asNumber(parameters['n']) ?? 1;
  if (!Number.isInteger(count) || count < 1 || count > most) return `num_images_per_prompt must be in [1, ${most}]`;
  const [width = 0, height = 0] = (asString(parameters['size']) ?? '1328*1328').split('*').map(Number);
  if (!(width >= 1 && height >= 1 && width <= MAX_SIDE && height <= MAX_SIDE)) {
    return "The size is not match the allowed size ['1024*1024', '720*1280', '1280*720']";
  }
  return { prompt, count, width, height };
}

export function pictureAddresses(exchange: Exchange, { prompt, count, width, height }: PictureRequest): string[] {
  return Array.from({ length: count }, (_, index) =>
    resultAddress(exchange, 'image', `${prompt} ${index}`, 'png', { size: { width, height } }),
  );
}

export function pictureResults(exchange: Exchange, asked: PictureRequest): JsonObject[] {
  return pictureAddresses(exchange, asked).map((url) => ({ url }));
}
