import { Command, type CommandUnknownOpts } from '@commander-js/extra-typings'
import type { CliContext } from '../context.ts'
import { examples } from '../examples.ts'

const agentFlag = '-a, --agent <id|name>'
const agentText = 'whose archive (default: that of your own default agent)'

/** `letta archive`: texts in the archive of an agent. */
export function createArchiveCommand(context: CliContext): CommandUnknownOpts {
  return new Command('archive')
    .description(
      'Bring texts into the archive of an agent, where it finds them, and take them out.',
    )
    .addCommand(createAdd(context))
    .addCommand(createList(context))
    .addCommand(createShow(context))
    .addCommand(createRemove(context))
    .addCommand(createKeep(context))
    .addHelpText('after', examples([['letta archive add notes/ --tag notes', 'bring texts in']]))
}

function createKeep(context: CliContext): CommandUnknownOpts {
  return new Command('keep')
    .description(
      'Show or set for how many days texts are kept, from when they were stored; a server forgets older ones for good.',
    )
    .argument('[days]', 'a number, or forever')
    .option('-t, --tag <tag>', 'only texts with this tag')
    .option(agentFlag, agentText)
    .option('--json', 'print JSON')
    .addHelpText('after', examples([['letta archive keep 7 --tag logs', 'logs for a week']]))
    .action(async (days, { tag, agent, json = false }) => {
      const { keepArchive } = await import('../actions/keep-archive.ts')
      await keepArchive(context, { days, tag, agent, json })
    })
}

function createAdd(context: CliContext): CommandUnknownOpts {
  return new Command('add')
    .description(
      'Bring in files, all text files of folders, or - for standard input. Long texts are cut at natural boundaries. What ' +
        'is there already is left alone, so an interrupted addition is simply done again. Prints the id of the addition. ' +
        'Exit codes: 0 all is in, 1 some files could not be read (the others are in), 2 called wrongly.',
    )
    .argument('<paths...>', 'files, folders, or -')
    .option('-t, --tag <tag...>', 'tags to find it by')
    .option('-d, --date <time>', 'the time the texts are about (default: when a file was changed)')
    .option('--replace', 'take earlier texts of the same files out')
    .option(agentFlag, agentText)
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      examples([
        ['letta archive add notes/ --tag notes', 'every text file below a folder'],
        ['git log | letta archive add - --tag history', 'from another program'],
      ]),
    )
    .action(async (paths, { tag, date, replace = false, agent, json = false }) => {
      const { addToArchive } = await import('../actions/run-archive.ts')
      await addToArchive(context, { paths, tags: tag ?? [], date, replace, agent, json })
    })
}

function createList(context: CliContext): CommandUnknownOpts {
  return new Command('list')
    .description('List the texts that were brought in.')
    .option(agentFlag, agentText)
    .option('--json', 'print JSON')
    .addHelpText('after', examples([['letta archive list', 'with their ids']]))
    .action(async ({ agent, json = false }) => {
      const { listArchive } = await import('../actions/run-archive.ts')
      await listArchive(context, { agent, json })
    })
}

function createShow(context: CliContext): CommandUnknownOpts {
  return new Command('show')
    .description('Print a text that was brought in, piece by piece.')
    .argument('<id>', 'the document')
    .option(agentFlag, agentText)
    .option('--json', 'print JSON')
    .addHelpText('after', examples([['letta archive show document-...', 'its text']]))
    .action(async (id, { agent, json = false }) => {
      const { showDocument } = await import('../actions/run-archive.ts')
      await showDocument(context, { id, agent, json })
    })
}

function createRemove(context: CliContext): CommandUnknownOpts {
  return new Command('remove')
    .description(
      'Take a text, or all that came in with one addition, out of the archive. The history keeps it; `letta forget` does not.',
    )
    .argument('<id>', 'a document, or an addition')
    .option(agentFlag, agentText)
    .option('--json', 'print JSON')
    .addHelpText('after', examples([['letta archive remove add-...', 'a whole addition']]))
    .action(async (id, { agent, json = false }) => {
      const { removeDocument } = await import('../actions/run-archive.ts')
      await removeDocument(context, { id, agent, json })
    })
}
