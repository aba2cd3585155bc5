import { fileURLToPath } from 'node:url';
import { createVibe, VibeError } from '@vibe/core';
import { sqliteLedger } from '@vibe/ledger-sqlite';
import { pricingRegistry } from '@vibe/pricing-registry';
import { chooseService } from './service.js';
import { summary } from './summary.js';

const prompt = process.argv.slice(2).join(' ').trim() || 'Why is the sky blue?';
const ledgerPath = process.env['VIBE_QUICKSTART_LEDGER'] ?? fileURLToPath(new URL('../quickstart.db', import.meta.url));

const service = await chooseService(process.env);
const vibe = createVibe({
  plugins: [service.provider, sqliteLedger({ path: ledgerPath }), pricingRegistry()],
  budgets: [{ window: 'day', limitUsd: 1 }],
  mode: 'strict_budget',
});
const close = async () => {
  await vibe.close();
  await service.close();
};

// The library installs no signal handler: what Ctrl-C means is the program's decision. Here the call is cancelled and its row written.
process.on('SIGINT', () => void close().finally(() => process.exit(130)));

try {
  if (service.notice !== null) console.error(`${service.notice}\n`);
  const stream = vibe.stream({ model: service.model, prompt });
  for await (const text of stream.text) process.stdout.write(text);
  console.log(`\n\n${summary(await stream.final(), await vibe.budgets())}`);
} catch (error) {
  const { code, message, next } = VibeError.from(error);
  console.error(`\nError ${code}: ${message}`);
  for (const step of next) console.error(`  → ${step}`);
  process.exitCode = 1;
} finally {
  await close();
}
