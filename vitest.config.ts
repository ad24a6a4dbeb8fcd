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
    globalSetup: ['test/setup/environment.ts'],
    setupFiles: ['test/setup/no-printing.ts'],
    testTimeout: 10_000,
    hookTimeout: 20_000,
    teardownTimeout: 5_000,
    restoreMocks: true,
    unstubEnvs: true,
    allowOnly: false,
    dangerouslyIgnoreUnhandledErrors: false,
  },
})
