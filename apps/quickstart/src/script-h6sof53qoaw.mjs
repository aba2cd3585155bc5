import { createVibe } from '@vibe/core';
import { sqliteLedger } from '@vibe/ledger-sqlite';
import { pricingRegistry } from '@vibe/pricing-registry';
import { qwen } from '@vibe/provider-qwen';

const vibe = createVibe({
  plugins: [
    qwen({ apiKey: 'k', baseUrl: 'http://127.0.0.1:43359/compatible-mode/v1' }),
    sqliteLedger({ path: '/tmp/vibe-e2e-jzJmHg/script.db' }),
    pricingRegistry(),
  ],
  budgets: [{ window: 'day', limitUsd: 1 }],
});
console.log((await vibe.generate({ model: 'qwen-plus', prompt: 'echo: all is well' })).text);
