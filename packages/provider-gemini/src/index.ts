export type { GeminiOptions } from './options.js';
export { gemini, gemini as default } from './plugin.js';
