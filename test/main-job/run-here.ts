import { onTestFinished, vi } from 'vitest'
import { runCli } from '../../src/cli/run-cli.ts'
import { createTestContext } from '../../src/cli/testing/create-test-context.ts'
import {
  backUp,
  copyDatabases,
  migrateDatabase,
  restore,
} from '../../src/server/manage-database.ts'
import { openEmbedded } from '../../src/server/open-embedded.ts'
import { startServer } from '../../src/server/start-server.ts'
import { toInput } from '../setup/create-test-run.ts'
import type { LettaOptions, LettaResult } from './run-letta.ts'

/** What `main.ts` hands to a command line. */
const product = {
  openEmbedded,
  startServer,
  databases: { migrate: migrateDatabase, copy: copyDatabases, backUp, restore },
}

/**
 * Runs a command line as `runLetta` does, from source and in this process: for what is not about a process of its own,
 * whose start takes ten times as long as most commands. Several at once must have the same environment.
 */
export async function runHere(
  options: LettaOptions,
  ...parameters: readonly string[]
): Promise<LettaResult> {
  const { home, cwd, input } = options
  const environment = { LETTA_HOME: home, ...options.environment }
  // The product reads the environment of its process.
  vi.unstubAllEnvs()
  onTestFinished(() => void vi.unstubAllEnvs())
  for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value)
  const { context, stdout, stderr } = createTestContext({
    environment,
    folder: cwd ?? home,
    stdin: toInput(input ?? ''),
  })
  const code = await runCli({ ...context, product }, parameters)
  return { code, stdout: stdout(), stderr: stderr() }
}
