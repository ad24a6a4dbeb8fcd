import { Command, type CommandUnknownOpts } from '@commander-js/extra-typings'
import type { CliContext } from '../context.ts'
import { addDefaultCommand } from '../default-command.ts'
import { examples } from '../examples.ts'

const agentFlag = '-a, --agent <id|name>'
const agentText = 'the agent (default: your own default agent)'

/** `letta instructions`: what an agent is to do always, or never. */
export function createInstructionsCommand(context: CliContext): CommandUnknownOpts {
  const command = new Command('instructions')
    .description(
      'Show, give and take back standing instructions. An agent always has the newest in view, 1,000 tokens of them, and any other before a message that it is about.',
    )
    .addHelpText(
      'after',
      examples([
        ['letta instructions', 'what stands'],
        ['letta instructions add never deploy on Fridays', 'give one'],
      ]),
    )
  addDefaultCommand(
    command,
    new Command('list')
      .description('List the standing instructions.')
      .option(agentFlag, agentText)
      .option('--json', 'print JSON')
      .addHelpText('after', examples([['letta instructions', 'with their ids']]))
      .action(async ({ agent, json = false }) => {
        const { listInstructions } = await import('../actions/run-instructions.ts')
        await listInstructions(context, { agent, json })
      }),
  )
  command.addCommand(
    new Command('add')
      .description('Give a standing instruction.')
      .argument('<text...>', 'such as: never deploy on Fridays')
      .option('--until <time>', 'until when it stands, inclusive')
      .option(agentFlag, agentText)
      .option('--json', 'print JSON')
      .addHelpText(
        'after',
        examples([['letta instructions add never deploy on Fridays', 'from now on']]),
      )
      .action(async (text, { until, agent, json = false }) => {
        const { addInstruction } = await import('../actions/run-instructions.ts')
        await addInstruction(context, { text: text.join(' '), until, agent, json })
      }),
  )
  command.addCommand(
    new Command('remove')
      .description('Take a standing instruction back; it can be undone.')
      .argument('<id>', 'the id of the instruction')
      .option(agentFlag, agentText)
      .option('--json', 'print JSON')
      .addHelpText(
        'after',
        examples([['letta instructions remove fact-…', '"letta instructions" shows the ids']]),
      )
      .action(async (id, { agent, json = false }) => {
        const { removeInstruction } = await import('../actions/run-instructions.ts')
        await removeInstruction(context, { id, agent, json })
      }),
  )
  return command
}
