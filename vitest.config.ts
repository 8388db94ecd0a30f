/**
 * @file Three kinds of tests, run one kind after the other: `unit` in Node, `browser` (components, and the engine on wasm
 * and WebGPU) in a real Chromium, `e2e` driving the built page from Node. One kind: `npx vitest --project unit`.
 */
import { playwright } from '@vitest/browser-playwright';
import { defineConfig } from 'vitest/config';
import { chromiumFlags, findBrowser } from './tools/ensure-browser.mjs';

const executablePath = await findBrowser();

export default defineConfig({
  test: {
    projects: [
      {
        extends: './vite.config.ts',
        test: {
          name: 'unit',
          environment: 'node',
          include: ['tests/**/*.test.ts'],
          exclude: ['tests/browser/**', 'tests/ui/**', 'tests/e2e/**'],
          testTimeout: 60_000,
          maxWorkers: '100%', // by itself vitest leaves a core idle, which on two cores is half of them
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: './vite.config.ts',
        test: {
          name: 'browser',
          include: ['tests/browser/**/*.test.ts', 'tests/ui/**/*.test.ts'],
          testTimeout: 60_000,
          sequence: { groupOrder: 1 },
          browser: {
            enabled: true,
            headless: true,
            provider: playwright({ launchOptions: { executablePath, args: chromiumFlags } }),
            instances: [{ browser: 'chromium' }],
            fileParallelism: false, // one software GPU
            screenshotFailures: false,
          },
        },
      },
      {
        test: {
          name: 'e2e',
          environment: 'node',
          include: ['tests/e2e/**/*.test.ts'],
          globalSetup: './tools/ensure-build.mjs',
          testTimeout: 180_000,
          hookTimeout: 180_000,
          retry: 1, // a machine that is shared can hold a page up past a limit; a fault fails twice
          fileParallelism: false,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
