import { Command, type CommandUnknownOpts } from '@commander-js/extra-typings'
import type { CliContext } from '../context.ts'
import { examples } from '../examples.ts'

/** `letta doctor`: find out whether everything works. */
export function createDoctorCommand(context: CliContext): CommandUnknownOpts {
  return new Command('doctor')
    .description(
      'Show the installation, and prove it with a real round trip through store and model.',
    )
    .option('--json', 'print JSON')
    .addHelpText('after', examples([['letta doctor', 'exit code 1 when a step fails']]))
    .action(async (options) => {
      const { runDoctor } = await import('../doctor/run-doctor.ts')
      await runDoctor(context, { json: options.json === true })
    })
}
