import { version } from './config/version.ts'

// When nothing is left to do, the end is at once: taking the heap apart piece by piece takes as long as a search.
process.once('beforeExit', () => process.exit())
// Without a top-level `await`, which a CommonJS bundle cannot have.
void main(process.argv.slice(2)).then((exitCode) => {
  process.exitCode = exitCode
  // What an operator's tools left behind, such as a timer, must not keep a stopped server from its end.
  if (process.argv[2] === 'server') setTimeout(() => process.exit(), 250).unref()
})

/** Answers what needs nothing loaded, else loads the command line. */
async function main(parameters: readonly string[]): Promise<number> {
  const [first] = parameters
  if (parameters.length === 1 && (first === '--version' || first === '-V')) {
    process.stdout.write(`${version}\n`)
    return 0
  }
  const [{ runCli }, { createProcessContext }] = await Promise.all([
    import('./cli/run-cli.ts'),
    import('./cli/process-context.ts'),
  ])
  const context = createProcessContext({
    product: {
      openEmbedded: async (options) => {
        const { openEmbedded } = await import('./server/open-embedded.ts')
        return openEmbedded(options)
      },
      startServer: async (settings) => {
        const { startServer } = await import('./server/start-server.ts')
        return startServer(settings)
      },
      databases: {
        migrate: async (settings) => {
          const { migrateDatabase } = await import('./server/manage-database.ts')
          return migrateDatabase(settings)
        },
        copy: async (options) => {
          const { copyDatabases } = await import('./server/manage-database.ts')
          return copyDatabases(options)
        },
        backUp: async (settings, file) => {
          const { backUp } = await import('./server/manage-database.ts')
          return backUp(settings, file)
        },
        restore: async (settings, file) => {
          const { restore } = await import('./server/manage-database.ts')
          return restore(settings, file)
        },
      },
    },
    staysRunning: first === 'server',
    exit: (code) => process.exit(code),
  })
  return runCli(context, parameters)
}
