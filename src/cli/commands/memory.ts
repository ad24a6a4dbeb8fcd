import { Command, type CommandUnknownOpts } from '@commander-js/extra-typings'
import type { CliContext } from '../context.ts'
import { examples } from '../examples.ts'

/** `letta memory`: show what an agent always has in mind. */
export function createMemoryCommand(context: CliContext): CommandUnknownOpts {
  return new Command('memory')
    .description("Show the blocks of an agent's core memory.")
    .argument('[label]', 'only this block')
    .option('-a, --agent <id|name>', 'the agent (default: your own default agent)')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      examples([
        ['letta memory', 'all blocks'],
        ['letta memory human', 'what it knows about you'],
      ]),
    )
    .action(async (label, options) => {
      const { runMemory } = await import('../actions/run-memory.ts')
      await runMemory(context, { label, agent: options.agent, json: options.json === true })
    })
}
