import type { ProviderCall } from '@vibe/core';

export type TranscribeCall = Extract<ProviderCall, { operation: 'transcribe' }>;
export type SpeakCall = Extract<ProviderCall, { operation: 'speak' }>;
export type PaintCall = Extract<ProviderCall, { operation: 'paint' }>;
