import { defineConfig } from 'vitest/config';

// No test may reach a real service or a real key: what the developer's shell knows stays outside.
for (const name of Object.keys(process.env)) {
  if (/^(DASHSCOPE|GEMINI|GOOGLE)_API_KEY/.test(name)) delete process.env[name];
}

// Tests run from src; the other packages are met as users meet them, built (`@vibe/*` resolves to dist).
export default defineConfig({
  test: {
    include: [
      'packages/*/src/**/*.test.ts',
      'apps/*/src/**/*.test.ts',
      'examples/**/*.test.{ts,mjs}',
      'scripts/**/*.test.mjs',
    ],
    exclude: ['**/node_modules/**', '**/dist/**'],
    reporters: ['default', './scripts/plain-summary.mjs'],
    testTimeout: 30_000,
    hookTimeout: 30_000,
  },
});
