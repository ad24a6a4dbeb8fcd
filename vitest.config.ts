import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

const source = (path: string) => fileURLToPath(new URL(path, import.meta.url))

export default defineConfig({
  resolve: {
    alias: [
      { find: /^letta-ts\/sdk$/, replacement: source('sdk/src/index.ts') },
      { find: /^letta-ts-sdk$/, replacement: source('sdk/src/index.ts') },
      { find: /^letta-ts$/, replacement: source('src/index.ts') },
    ],
  },
  test: {
    include: ['src/**/*.test.ts', 'sdk/**/*.test.ts', 'test/**/*.test.ts'],
    exclude: ['**/node_modules/**', '**/dist/**'],
    isolate: false,
    // Many tests wait for programs, workers and disks: one worker a processor keeps all of them busy.
    maxWorkers: Math.max(2, availableParallelism()),
    globalSetup: ['test/setup/environment.ts'],
    setupFiles: ['test/setup/no-printing.ts'],
    testTimeout: 30_000,
    hookTimeout: 30_000,
    teardownTimeout: 5_000,
    restoreMocks: true,
    unstubEnvs: true,
    allowOnly: false,
    dangerouslyIgnoreUnhandledErrors: false,
  },
})
