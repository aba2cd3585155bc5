import { createVibe } from '@vibe/core';
import { sqliteLedger } from '@vibe/ledger-sqlite';
import { pricingRegistry } from '@vibe/pricing-registry';
import { qwen } from '@vibe/provider-qwen';

const vibe = createVibe({
  plugins: [
    qwen({ apiKey: 'k', baseUrl: 'http://127.0.0.1:46009/compatible-mode/v1' }),
    sqliteLedger({ path: '/tmp/vibe-e2e-ZCK1Ue/script.db' }),
    pricingRegistry(),
  ],
  budgets: [{ window: 'day', limitUsd: 1 }],
});
console.log((await vibe.generate({ model: 'qwen-plus', prompt: 'echo: all is well' })).text);
