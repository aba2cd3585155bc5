import type { ProviderCall, ProviderEvent } from '@vibe/core';
import { type HttpClient, type Service, unsupportedOperation } from '@vibe/provider-kit';
import { prepareChat } from './chat.js';
import { generate } from './generate.js';
import { isImagen, predict, prepareImagen } from './imagen.js';
import { painted, preparePicture } from './paint.js';
import type { Prepared } from './prepared.js';
import { prepareSpeech, spoken } from './speak.js';
import { prepareTranscription } from './transcribe.js';

/** What a call sends. Throws `invalid_request` for an operation that Gemini does not have. */
export function prepare(call: ProviderCall): Prepared {
  switch (call.operation) {
    case 'chat':
      return prepareChat(call);
    case 'transcribe':
      return prepareTranscription(call);
    case 'speak':
      return prepareSpeech(call);
    case 'paint':
      return isImagen(call.model.id) ? prepareImagen(call) : preparePicture(call);
    default:
      throw unsupportedOperation('gemini', call);
  }
}

/** Sends what was prepared and reads the answer: deltas, then one `final`; what arrived together in one array. */
export function answer(
  client: HttpClient,
  call: ProviderCall,
  service: Service,
  prepared: Prepared,
): AsyncIterable<readonly ProviderEvent[]> {
  if (call.operation === 'paint' && isImagen(call.model.id)) return predict(client, call, service, prepared);
  const batches = generate(client, call, service, prepared);
  if (call.operation === 'speak') return changed(batches, spoken(call.request.format));
  return call.operation === 'paint' ? changed(batches, painted) : batches;
}

async function* changed(
  batches: AsyncIterable<readonly ProviderEvent[]>,
  change: (event: ProviderEvent) => ProviderEvent,
): AsyncGenerator<readonly ProviderEvent[], void, void> {
  for await (const events of batches) yield events.map(change);
}
