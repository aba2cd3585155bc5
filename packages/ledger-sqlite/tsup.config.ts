import { library } from '../../tsup.base.js';

export default library({
  index: 'src/index.ts',
  file: 'src/file.ts',
  writer: 'src/writer.ts',
  reader: 'src/reader.ts',
});
