import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { createServer } from '../../src/server/create-server.ts'
import { defaultScope } from '../../src/domain/scope.ts'
import {
  createTestApp,
  type TestApp,
  type TestAppOptions,
} from '../../src/testing/create-test-app.ts'
import { runCli } from '../../src/cli/run-cli.ts'
import {
  createTestContext,
  type TestContextOptions,
} from '../../src/cli/testing/create-test-context.ts'

/** What a command line wrote. */
export interface RunResult {
  readonly exitCode: number
  readonly stdout: string
  readonly stderr: string
}

/** A product with a scripted model that command lines run against. */
export interface TestRun {
  readonly product: TestApp
  /** The home and folder of the command lines. */
  readonly home: string
  run(parameters: readonly string[], context?: TestContextOptions): Promise<RunResult>
  close(): Promise<void>
}

/** Opens one, with a home of its own. */
export async function createTestRun(options: TestAppOptions = {}): Promise<TestRun> {
  const product = await createTestApp(options)
  const server = createServer(product.app, { access: 'in-process' })
  const home = mkdtempSync(join(tmpdir(), 'letta-command-'))
  const embedded = {
    dataPath: home,
    fetch: async (request: Request) => server.fetch(request),
    recover: (scope: { readonly conversationId: string }) =>
      product.app.runtime.recover(defaultScope, scope),
    close: async () => undefined,
  }
  return {
    product,
    home,
    async run(parameters, context = {}) {
      const environment = { LETTA_HOME: home, ...context.environment }
      const kit = createTestContext({ folder: home, ...context, environment, embedded })
      const exitCode = await runCli(kit.context, parameters)
      return { exitCode, stdout: kit.stdout(), stderr: kit.stderr() }
    },
    async close() {
      await product[Symbol.asyncDispose]()
    },
  }
}

/** What somebody types, to its end. */
export function toInput(text: string): PassThrough {
  const stdin = new PassThrough()
  stdin.end(text)
  return stdin
}
