import { Command, type CommandUnknownOpts } from '@commander-js/extra-typings'
import type { CliContext } from '../context.ts'
import { examples } from '../examples.ts'

/** `letta model`: show or switch the model. */
export function createModelCommand(context: CliContext): CommandUnknownOpts {
  return new Command('model')
    .alias('/model')
    .description("Show an agent's model, or switch it for every later command.")
    .argument('[name]', 'provider/model, or a bare name that one provider has')
    .option('-a, --agent <id|name>', 'the agent (default: your own default agent)')
    .option('-l, --list', 'list the models that can be used now')
    .addHelpText(
      'after',
      examples([
        ['letta model', 'show it'],
        ['letta /model gpt-4o', 'switch it'],
        ['letta model --list', 'see what there is'],
      ]),
    )
    .action(async (name, options) => {
      const { runModel } = await import('../actions/run-model.ts')
      await runModel(context, { name, agent: options.agent, list: options.list === true })
    })
}
