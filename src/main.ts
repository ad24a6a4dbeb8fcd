import { version } from './config/version.ts'

process.exitCode = await main(process.argv.slice(2))

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
    },
    exit: (code) => process.exit(code),
  })
  return runCli(context, parameters)
}
