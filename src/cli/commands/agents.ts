import { Command, type CommandUnknownOpts } from '@commander-js/extra-typings'
import type { CliContext } from '../context.ts'
import { examples } from '../examples.ts'

/** `letta agents`: list, create and delete agents. */
export function createAgentsCommand(context: CliContext): CommandUnknownOpts {
  return new Command('agents')
    .description('List, create and delete agents.')
    .addCommand(createList(context))
    .addCommand(createCreate(context))
    .addCommand(createDelete(context))
    .addHelpText('after', examples([['letta agents list', 'every agent with id and model']]))
}

function createList(context: CliContext): CommandUnknownOpts {
  return new Command('list')
    .description('List the agents, newest first.')
    .option('--json', 'print JSON')
    .addHelpText('after', examples([['letta agents list --json', 'for programs']]))
    .action(async (options) => {
      const { listAgents } = await import('../actions/run-agents.ts')
      await listAgents(context, { json: options.json === true })
    })
}

function createCreate(context: CliContext): CommandUnknownOpts {
  return new Command('create')
    .description('Create an agent.')
    .argument('<name>', 'how it is called')
    .option('--persona <text|file>', 'who it is: a text, or a file that holds it')
    .option('--human <text|file>', 'whom it talks to: a text, or a file that holds it')
    .option('-m, --model <handle>', 'its model (default: letta/auto)')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      examples([
        ['letta agents create Ada --persona "I am Ada, a patient reviewer."', 'with a persona'],
        ['letta agents create Ada --persona ada.md', 'with one from a file'],
      ]),
    )
    .action(async (name, options) => {
      const { createAgent } = await import('../actions/run-agents.ts')
      await createAgent(context, { ...options, name, json: options.json === true })
    })
}

function createDelete(context: CliContext): CommandUnknownOpts {
  return new Command('delete')
    .description('Delete an agent with its conversations and its memory. This cannot be undone.')
    .argument('<id|name>', 'the agent')
    .option('-y, --yes', 'do not ask')
    .addHelpText('after', examples([['letta agents delete Ada', 'asks before it deletes']]))
    .action(async (agent, options) => {
      const { deleteAgent } = await import('../actions/run-agents.ts')
      await deleteAgent(context, { agent, yes: options.yes === true })
    })
}
