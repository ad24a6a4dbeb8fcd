import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'sdk/**/*.test.ts', 'test/**/*.test.ts'],
    exclude: ['**/node_modules/**', '**/dist/**'],
    isolate: false,
    // Node strips the types itself and keeps what it has compiled: no transform, and calls between modules stay direct.
    experimental: { viteModuleRunner: false, nodeLoader: false },
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
