import type { ImagePart } from '@vibe/core';
import { imageSizeOf } from './image-header.js';

/** Facts: 258 tokens for a tile. */
const TILE_TOKENS = 258;
const SMALL_SIDE = 384;
const TILE_SIDE = 768;
/** Used where the size is not known: 16 tiles, and more than any resolution class of the models from 3 on. */
export const MAX_IMAGE_TOKENS = 16 * TILE_TOKENS;

/**
 * The most tokens an image can be. Facts: on models up to 2.x one tile when both sides are at most 384 px, else tiles of
 * at most 768 px; how models from 3 on count was not found, so there the largest count stands.
 */
export function imageTokens(image: ImagePart | null, modelId: string): number {
  const size = image === null || !/^(models\/)?gemini-[12]\./.test(modelId) ? null : imageSizeOf(image.data);
  if (size === null) return MAX_IMAGE_TOKENS;
  const { width, height } = size;
  if (width <= SMALL_SIDE && height <= SMALL_SIDE) return TILE_TOKENS;
  // an image is also cut finer than into 768 px when its shorter side is small
  const tile = Math.min(TILE_SIDE, Math.max(256, Math.floor(Math.min(width, height) / 1.5)));
  return Math.ceil(width / tile) * Math.ceil(height / tile) * TILE_TOKENS;
}
