import { library } from '../../tsup.base.js';

export default library({ index: 'src/index.ts', writer: 'src/writer.ts', reader: 'src/reader.ts' });
