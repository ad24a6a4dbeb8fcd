import { Command, type CommandUnknownOpts } from '@commander-js/extra-typings'
import type { CliContext } from '../context.ts'
import { examples } from '../examples.ts'
import { placeOptions } from '../option-place.ts'
import { createMemoryHistoryCommands } from './memory-history.ts'

/** `letta memory`: show what an agent always has in mind, and how that came about. */
export function createMemoryCommand(context: CliContext): CommandUnknownOpts {
  const command = new Command('memory')
    .description("Show the blocks of an agent's core memory, their history, and take changes back.")
    .argument('[label]', 'only this block')
    .option('-a, --agent <id|name>', 'the agent (default: your own default agent)')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      examples([
        ['letta memory', 'all blocks'],
        ['letta memory human', 'what it knows about you'],
        ['letta memory log', 'what was remembered, changed and forgotten'],
        ['letta memory undo m-12', 'take a change back'],
      ]),
    )
    .action(async (label, options) => {
      const { runMemory } = await import('../actions/run-memory.ts')
      await runMemory(context, { label, agent: options.agent, json: options.json === true })
    })
  for (const each of createMemoryHistoryCommands(context)) command.addCommand(each)
  return placeOptions(command)
}
