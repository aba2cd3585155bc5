import { type Command, Option } from 'commander';
import { amountUsd, repeated, secondsCount, tag, temperature, wholeNumber } from '../flag-values.js';

/** Options of every call. */
export function callOptions(command: Command): Command {
  return command
    .option('-m, --model <model>', 'qwen-plus, qwen/qwen-plus, qwen@sg/qwen-plus or auto')
    .addOption(
      new Option('--route <policy>', 'how to choose a model').choices(['smart', 'cheap', 'fast', 'quality', 'fixed']),
    )
    .addOption(new Option('--region <region>', 'allowed region; may be repeated').argParser(repeated))
    .addOption(new Option('--max-cost <usd>', 'refuse when it may cost more').argParser(amountUsd))
    .addOption(new Option('--tag <key=value>', 'kept in the ledger, selects budgets; may be repeated').argParser(tag))
    .addOption(new Option('--max-wait <s>', 'longest wait for a rate limit, in seconds').argParser(secondsCount))
    .option('--no-wait', 'fail at once instead of waiting for a rate limit')
    .option('-u, --usage', 'print tokens, time and cost behind the answer')
    .option('--dry-run', 'plan and price it, send nothing');
}

/** Options of every call that answers with text. */
export function chatOptions(command: Command): Command {
  return callOptions(command)
    .option('-s, --system <text>', 'the system prompt')
    .addOption(
      new Option('-f, --file <file>', 'attach a picture, a sound or a text; may be repeated').argParser(repeated),
    )
    .addOption(new Option('--max-tokens <n>', 'longest answer, thinking included').argParser(wholeNumber))
    .addOption(new Option('--temperature <t>', 'randomness, 0 is the least').argParser(temperature));
}
