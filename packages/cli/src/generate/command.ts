import { type Command, InvalidArgumentError, Option } from 'commander';
import { repeated, wholeNumber } from '../flag-values.js';
import type { PaintFlags } from '../media/paint.js';
import type { SpeakFlags } from '../media/speak.js';
import type { TranscribeFlags } from '../media/transcribe.js';
import type { Run } from '../program.js';
import type { GlobalFlags } from '../session.js';
import { callOptions, chatOptions } from './call-options.js';
import type { GenerateFlags } from './flags.js';

/** The commands that call a provider. */
export function addCalls(program: Command, run: Run): void {
  addGenerate(program, run);
  addChat(program, run);
  addTranscribe(program, run);
  addSpeak(program, run);
  addPaint(program, run);
  addEstimate(program, run);
}

function addGenerate(program: Command, run: Run): void {
  chatOptions(program.command('generate'))
    .alias('g')
    .description('Ask a model. The answer goes to stdout, everything else to stderr.')
    .argument('[prompt...]', 'the prompt; text that is piped in is appended')
    .option('--schema <json>', 'JSON Schema of the answer, or a file with it')
    .option('--no-stream', 'print the answer when it is complete')
    .addHelpText('after', `\n${generateExamples}`)
    .action((words: string[], _flags: unknown, command: Command) => {
      const flags = command.optsWithGlobals<GlobalFlags & GenerateFlags>();
      return run(flags, async (session) => (await import('./run.js')).generate(session, words, flags));
    });
}

function addChat(program: Command, run: Run): void {
  chatOptions(program.command('chat'))
    .description('A conversation, line by line. Ctrl-C stops an answer, twice the chat.')
    .addHelpText('after', `\n${chatExamples}`)
    .action((_flags: unknown, command: Command) => {
      const flags = command.optsWithGlobals<GlobalFlags & GenerateFlags>();
      return run(flags, async (session) => (await import('../chat/run.js')).chat(session, flags));
    });
}

function addTranscribe(program: Command, run: Run): void {
  callOptions(program.command('transcribe'))
    .description('The words of a recording.')
    .argument('<file>', 'a sound file, or its address')
    .option('--language <code>', 'what is spoken: en, zh, …')
    .addHelpText(
      'after',
      '\nExamples:\n  llm transcribe talk.mp3 > talk.txt\n  llm transcribe meeting.wav --language zh -u',
    )
    .action((file: string, _flags: unknown, command: Command) => {
      const flags = command.optsWithGlobals<GlobalFlags & TranscribeFlags>();
      return run(flags, async (session) => (await import('../media/transcribe.js')).transcribe(session, file, flags));
    });
}

function addSpeak(program: Command, run: Run): void {
  callOptions(program.command('speak'))
    .description('A text as sound.')
    .argument('[text...]', 'what to say; text that is piped in is appended')
    .option('-o, --output <file>', 'where to; - is stdout')
    .option('--voice <name>', 'a voice of the model')
    .addOption(new Option('--format <format>', 'default: by the name of the file').choices(['wav', 'mp3', 'pcm']))
    .addHelpText(
      'after',
      '\nExamples:\n  llm speak "Good morning" -o morning.wav\n  llm speak -m qwen3-tts-flash --voice Cherry -o - < text.txt | aplay',
    )
    .action((words: string[], _flags: unknown, command: Command) => {
      const flags = command.optsWithGlobals<GlobalFlags & SpeakFlags>();
      return run(flags, async (session) => (await import('../media/speak.js')).speak(session, words, flags));
    });
}

function addPaint(program: Command, run: Run): void {
  callOptions(program.command('paint'))
    .description('Pictures from a description.')
    .argument('[prompt...]', 'what to see; text that is piped in is appended')
    .option('-o, --output <file>', 'where to; several become FILE-1, FILE-2 …; - is stdout')
    .addOption(new Option('--count <n>', 'how many pictures').argParser(wholeNumber))
    .addOption(new Option('--size <WxH>', 'such as 1024x1024').argParser(size))
    .addOption(new Option('-f, --file <file>', 'a picture to change; may be repeated').argParser(repeated))
    .addHelpText(
      'after',
      '\nExamples:\n  llm paint "A lighthouse in fog" -o lighthouse.png\n  llm paint "Make it night" -f day.png -o night.png --max-cost 0.10',
    )
    .action((words: string[], _flags: unknown, command: Command) => {
      const flags = command.optsWithGlobals<GlobalFlags & PaintFlags>();
      return run(flags, async (session) => (await import('../media/paint.js')).paint(session, words, flags));
    });
}

function size(text: string): NonNullable<PaintFlags['size']> {
  const [, width, height] = /^(\d{1,5})[x*](\d{1,5})$/i.exec(text) ?? [];
  if (width === undefined || height === undefined)
    throw new InvalidArgumentError('It takes WIDTHxHEIGHT, such as 1024x1024.');
  return `${Number(width)}x${Number(height)}`;
}

function addEstimate(program: Command, run: Run): void {
  chatOptions(program.command('estimate'))
    .description('Tokens and cost on every route. Sends nothing.')
    .argument('[prompt...]', 'the prompt; text that is piped in is appended')
    .addHelpText(
      'after',
      '\nExamples:\n  llm estimate "Why is the sky blue?"\n  llm estimate --route cheap --max-tokens 500 < report.txt\n  llm estimate "Hello" --json | jq .estimate.worst_case_usd',
    )
    .action((words: string[], _flags: unknown, command: Command) => {
      const flags = command.optsWithGlobals<GlobalFlags & GenerateFlags>();
      return run(flags, async (session) => (await import('./estimate.js')).estimate(session, words, flags));
    });
}

const generateExamples = `Examples:
  llm generate "Why is the sky blue?" -u            with tokens, time and cost
  llm g "Summarise this" --max-tokens 200 < report.txt
  llm g "What is this?" -f photo.png
  llm g "Translate: 你好" -m qwen-plus -s "You are a translator."
  llm g "Hello" --region cn --max-cost 0.01         only in China, at most one cent
  llm g "Hello" --dry-run                           which model, at which price, and why
  llm g "Hello" --json | jq -r .response.text`;

const chatExamples = `Examples:
  llm chat -m qwen-plus -u
  llm chat --simulate                               try it without a key
  printf 'My name is Ada.\\nWho am I?\\n' | llm chat`;
