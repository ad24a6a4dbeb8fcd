import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** Begins with what takes longest, so that no worker is left alone with it in the end. */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const isLong = ({ moduleId }: TestSpecification): boolean =>
      /\/simulation\.test|-host\.test|\/test\/main-job\//.test(moduleId)
    const sorted = await super.sort(files)
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))]
  }
}

export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'sdk/**/*.test.ts', 'test/**/*.test.ts'],
    exclude: ['**/node_modules/**', '**/dist/**'],
    isolate: false,
    sequence: { sequencer: LongestFirst },
    // Node strips the types itself and keeps what it has compiled: no transform, and calls between modules stay direct.
    experimental: { viteModuleRunner: false, nodeLoader: false },
    // Many tests wait for programs, workers and disks: one worker a processor keeps all of them busy.
    maxWorkers: Math.max(2, availableParallelism()),
    globalSetup: ['test/setup/environment.ts'],
    setupFiles: ['test/setup/resolve-first.ts', 'test/setup/no-printing.ts'],
    testTimeout: 30_000,
    hookTimeout: 30_000,
    teardownTimeout: 5_000,
    restoreMocks: true,
    unstubEnvs: true,
    allowOnly: false,
    dangerouslyIgnoreUnhandledErrors: false,
  },
})
