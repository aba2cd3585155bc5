import { type ProviderCall, VibeError } from '@vibe/core';

/** For an operation that a provider does not have. The router normally leaves such models out. */
export function unsupportedOperation(provider: string, call: ProviderCall): VibeError {
  return new VibeError('invalid_request', `${provider} cannot ${call.operation} with ${call.model.id}.`, {
    next: ['Choose a model whose manifest lists the operation.'],
  });
}

/** For a part of a message that a provider has no form for. Leaving it out silently would change the question. */
export function unsupportedPart(provider: string, what: string, next: string): VibeError {
  return new VibeError('invalid_request', `${provider} cannot take ${what}.`, { next: [next] });
}
