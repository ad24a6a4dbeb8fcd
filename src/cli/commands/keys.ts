import { Command, Option, type CommandUnknownOpts } from '@commander-js/extra-typings'
import type { CliContext } from '../context.ts'
import { examples } from '../examples.ts'

const roles = ['admin', 'member', 'reader'] as const

/** `letta keys`: who may use the server. */
export function createKeysCommand(context: CliContext): CommandUnknownOpts {
  return new Command('keys')
    .description(
      'Create, list and revoke keys to the API. Once there is one, every request needs one.',
    )
    .addCommand(createCreate(context))
    .addCommand(createList(context))
    .addCommand(createRevoke(context))
    .addHelpText('after', examples([['letta keys create laptop', 'prints the key once']]))
}

function createCreate(context: CliContext): CommandUnknownOpts {
  return new Command('create')
    .description('Create a key and print it; it is not shown again.')
    .argument('[name]', 'what it is for', 'unnamed')
    .addOption(new Option('--role <role>', 'what it allows').choices(roles).default('admin'))
    .option('-a, --agent <id...>', 'only these agents')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      examples([['letta keys create dashboard --role reader', 'may only read']]),
    )
    .action(async (name, options) => {
      const { createKey } = await import('../actions/run-keys.ts')
      await createKey(context, { ...options, name, json: options.json === true })
    })
}

function createList(context: CliContext): CommandUnknownOpts {
  return new Command('list')
    .description('List the keys, newest first, without their secrets.')
    .option('--json', 'print JSON')
    .addHelpText('after', examples([['letta keys list', 'with role and last use']]))
    .action(async (options) => {
      const { listKeys } = await import('../actions/run-keys.ts')
      await listKeys(context, { json: options.json === true })
    })
}

function createRevoke(context: CliContext): CommandUnknownOpts {
  return new Command('revoke')
    .description('Revoke a key at once.')
    .argument('<id|name>', 'the id or the name that `letta keys list` shows')
    .addHelpText('after', examples([['letta keys revoke laptop', 'requests with it are refused']]))
    .action(async (key) => {
      const { revokeKey } = await import('../actions/run-keys.ts')
      await revokeKey(context, { key })
    })
}
