export type { QwenOptions } from './options.js';
export { qwen, qwen as default } from './plugin.js';
export { qwenShape } from './shape.js';
