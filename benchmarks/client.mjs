// One contender in a process of its own. Its parent sends tasks, one at a time; each answers with what it measured.
import { contenders } from './contenders/index.mjs';
import { tasks } from './tasks/index.mjs';

let contender;

const commands = {
  open: async ({ name, ...options }) => {
    contender = await (await contenders[name].load())(options);
  },
  run: ({ task, ...options }) => tasks[task](contender, options),
  close: async () => {
    await contender.close();
    process.exit(); // some leave streams behind that nobody aborts
  },
};

process.on('message', async ({ command, options }) => {
  try {
    const result = await commands[command](options);
    if (process.connected) process.send({ result });
  } catch (error) {
    process.send({ error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
  }
});
process.once('disconnect', () => process.exit());
