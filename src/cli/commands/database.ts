import { Command, type CommandUnknownOpts } from '@commander-js/extra-typings'
import type { CliContext } from '../context.ts'
import { examples } from '../examples.ts'

/** `letta db`: the database as a whole. */
export function createDatabaseCommand(context: CliContext): CommandUnknownOpts {
  return new Command('db')
    .description('Move a whole database between a data folder and PostgreSQL.')
    .addCommand(createCopy(context))
    .addHelpText(
      'after',
      examples([['letta db copy --from ~/.letta --to postgres://letta@db/letta', 'to a server']]),
    )
}

function createCopy(context: CliContext): CommandUnknownOpts {
  return new Command('copy')
    .description(
      'Copy everything into an empty database and compare both; called again, it goes on where it stopped.',
    )
    .requiredOption('--from <folder|url>', 'where everything is')
    .requiredOption('--to <folder|url>', 'where it is to be')
    .option('--verify', 'only compare the two, and change nothing')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      examples([
        ['letta db copy --from ~/.letta --to postgres://letta@db/letta', 'to a server'],
        ['letta db copy --from postgres://letta@db/letta --to ./copy', 'and back'],
        ['letta db copy --from ~/.letta --to ./copy --verify', 'is it all there?'],
      ]),
    )
    .action(async (options) => {
      const { runCopy } = await import('../actions/run-database.ts')
      await runCopy(context, {
        ...options,
        verifyOnly: options.verify === true,
        json: options.json === true,
      })
    })
}

/** `letta migrate`: bring the database up to date. */
export function createMigrateCommand(context: CliContext): CommandUnknownOpts {
  return new Command('migrate')
    .description(
      'Bring the database up to date without starting anything; the product does so by itself when it starts.',
    )
    .option('--json', 'print JSON')
    .addHelpText('after', examples([['letta migrate', 'before several servers are replaced']]))
    .action(async (options) => {
      const { runMigrate } = await import('../actions/run-database.ts')
      await runMigrate(context, { json: options.json === true })
    })
}

/** `letta backup`: write the database into a file. */
export function createBackupCommand(context: CliContext): CommandUnknownOpts {
  return new Command('backup')
    .description(
      'Write the database of the data folder into a new file, while it is in use. The key of stored secrets (secret.key, or LETTA_SECRET_KEY) is not in it.',
    )
    .argument('<file>', 'the file to write')
    .option('--json', 'print JSON')
    .addHelpText('after', examples([['letta backup ~/letta-monday.db', 'checked when it is done']]))
    .action(async (file, options) => {
      const { runBackup } = await import('../actions/run-database.ts')
      await runBackup(context, { file, json: options.json === true })
    })
}

/** `letta restore`: put a backup back. */
export function createRestoreCommand(context: CliContext): CommandUnknownOpts {
  return new Command('restore')
    .description('Put a backup into the data folder; what is there is kept beside it.')
    .argument('<file>', 'a file that `letta backup` wrote')
    .option('--json', 'print JSON')
    .addHelpText('after', examples([['letta restore ~/letta-monday.db', 'while no server runs']]))
    .action(async (file, options) => {
      const { runRestore } = await import('../actions/run-database.ts')
      await runRestore(context, { file, json: options.json === true })
    })
}
