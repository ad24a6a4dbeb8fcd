import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createServer } from '../../src/server/create-server.ts'
import { createTestApp } from '../../src/testing/create-test-app.ts'
import type { ScriptedStep } from '../../src/testing/scripted-model.ts'
import { runCli } from '../../src/cli/run-cli.ts'
import { createTestContext } from '../../src/cli/testing/create-test-context.ts'

/** What a command line wrote. */
export interface RunResult {
  readonly exitCode: number
  readonly stdout: string
  readonly stderr: string
}

/** A product with a scripted model that command lines run against. */
export interface TestRun {
  run(parameters: readonly string[]): Promise<RunResult>
  close(): Promise<void>
}

/** Opens one, with a home of its own. */
export async function createTestRun(script: readonly ScriptedStep[]): Promise<TestRun> {
  const product = await createTestApp({ script })
  const server = createServer(product.app, { access: 'in-process' })
  const home = mkdtempSync(join(tmpdir(), 'letta-command-'))
  const embedded = {
    dataPath: home,
    fetch: async (request: Request) => server.fetch(request),
    recover: async () => 0,
    close: async () => undefined,
  }
  return {
    async run(parameters) {
      const environment = { LETTA_HOME: home }
      const kit = createTestContext({ folder: home, environment, embedded })
      const exitCode = await runCli(kit.context, parameters)
      return { exitCode, stdout: kit.stdout(), stderr: kit.stderr() }
    },
    async close() {
      await product[Symbol.asyncDispose]()
    },
  }
}
