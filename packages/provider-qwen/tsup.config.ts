import { bundling, library } from '../../tsup.base.js';

// The part of zod that is used goes into the bundle: all of it would take a hundred milliseconds to load.
export default library({ index: 'src/index.ts' }, bundling(import.meta.url, ['zod']));
