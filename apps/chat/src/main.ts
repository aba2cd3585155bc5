import { fileURLToPath } from 'node:url';
import { VibeError } from '@vibe/core';
import { startChat } from './server/start.js';
import { chooseServices } from './services.js';

// What the app does with models begins in vibe.ts.

const root = new URL('../', import.meta.url);
const { env } = process;
const services = await chooseServices(env);
const simulated = services.simulators.size > 0;
const ledgerName = simulated ? 'simulated.db' : 'chat.db'; // simulated money must not use up a real budget

try {
  const chat = await startChat({
    services,
    ledgerPath: env['VIBE_CHAT_LEDGER'] ?? fileURLToPath(new URL(ledgerName, root)),
    dayLimitUsd: number('VIBE_CHAT_DAY_LIMIT_USD', simulated ? 0.2 : 1),
    conversationLimitUsd: number('VIBE_CHAT_CONVERSATION_LIMIT_USD', simulated ? 0.1 : 0.5),
    port: number('VIBE_CHAT_PORT', 4747),
    root,
  });
  if (simulated) console.log('No API key is set: local simulators answer, through the real provider plugins.');
  console.log(`Open ${chat.url}`);
  const close = async () => {
    await chat.close();
    await services.close();
  };
  // The library installs no signal handler: here the calls that run are cancelled, and their rows written.
  for (const [signal, code] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)
    process.once(signal, () => void close().finally(() => process.exit(code)));
} catch (error) {
  const { code, message, next } = VibeError.from(error);
  console.error(`Error ${code}: ${message}`);
  for (const step of next) console.error(`  → ${step}`);
  process.exitCode = 1;
  await services.close();
}

/** A number from the environment. Throws `config` when it is none. */
function number(name: string, otherwise: number): number {
  const text = env[name] ?? '';
  const value = Number(text);
  if (text === '') return otherwise;
  if (Number.isFinite(value) && value >= 0) return value;
  throw new VibeError('config', `${name} is "${text}", which is no number from 0 on.`, { next: [`Correct ${name}.`] });
}
