import { program } from '../../tsup.base.js';

export default program({ bin: 'src/bin.ts' });
