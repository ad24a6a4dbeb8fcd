import { Command, type CommandUnknownOpts } from '@commander-js/extra-typings'
import type { CliContext } from '../context.ts'
import { examples } from '../examples.ts'

/** `letta eval`: whether what was found once is still found. */
export function createEvalCommand(context: CliContext): CommandUnknownOpts {
  return new Command('eval')
    .description(
      'Search for questions whose sources are known, and compare with the last time: a regression test for one’s own data.',
    )
    .argument(
      '[file]',
      'JSON lines with "question" and "source": the id of the message, passage or fact that answers it, or a list of alternatives (default: the starred answers)',
    )
    .option('-a, --agent <id|name>', 'the agent (default: your own default agent)')
    .option('--accept', 'take this run as the one to compare with, even if it finds less')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `\nA source counts as found among the first 10 results; of a list, or of what a starred answer rests on, one suffices. A question that needs several sources is a line for each. The run is kept beside the file, as <file>.last.json (of starred answers in the data folder), unless a question lost its source, or a new one finds none: then the exit code is 1.\n${examples(
        [
          ['letta eval', 'search for what starred answers rest on (letta star)'],
          ['letta eval questions.jsonl', 'run, compare, keep'],
          ['letta eval questions.jsonl --accept', 'keep this run whatever it found'],
        ],
      )}`,
    )
    .action(async (file, options) => {
      const { runEval } = await import('../actions/run-eval.ts')
      await runEval(context, {
        file,
        agent: options.agent,
        accept: options.accept === true,
        json: options.json === true,
      })
    })
}
