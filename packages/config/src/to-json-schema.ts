/** Alone, so that a bundle of the schema needs no more of zod than the schema does. */
export { toJSONSchema } from 'zod/mini';
