import type { Part } from '@vibe/core';
import { MAX_IMAGE_TOKENS } from './image-tokens.js';
import { readPartData } from './part-data.js';

/** Recorded: 5.1 characters and more of a signature for each token of its thoughts. */
const SIGNATURE_CHARACTERS_PER_TOKEN = 4;

/**
 * The most tokens of what goes back with a part besides its words. Facts: a signature stands for its thoughts, which are
 * read, and billed, as input again (recorded: a prompt of 65 tokens and its call of 16 with 102 of thoughts come back as
 * part of 197). A part that has no form in the SDK goes back whole.
 */
export function echoedTokens(part: Part): number {
  const { thoughtSignature = '', part: whole } = readPartData(part.providerData);
  if (whole === undefined) return Math.ceil(thoughtSignature.length / SIGNATURE_CHARACTERS_PER_TOKEN);
  // of text every byte is a token at most
  return 'inlineData' in whole ? MAX_IMAGE_TOKENS : Buffer.byteLength(JSON.stringify(whole));
}
