export type { GeminiOptions } from './options.js';
export { gemini, gemini as default } from './plugin.js';
export { geminiShape } from './shape.js';
export { type GeminiFileRef, type UploadedFile, type UploadOptions, uploadFile } from './upload.js';
