import { Command, type CommandUnknownOpts } from '@commander-js/extra-typings'
import type { CliContext } from '../context.ts'
import { examples } from '../examples.ts'

/** `letta import`: bring in what was said elsewhere, and take it back. */
export function createImportCommand(context: CliContext): CommandUnknownOpts {
  return new Command('import')
    .description(
      'Bring in a history: a file with one JSON message a line, with "role" (user or assistant), "content" and, if ' +
        'known, "name", "created_at", "session" and "otid". No model is called. A file whose import was interrupted ' +
        'is simply imported again: each message is stored once. Prints the id of the import.',
    )
    .argument('[file]', 'the messages, in the order they were said; - reads standard input')
    .option('-a, --agent <id|name>', 'the agent (default: your own default agent)')
    .option('--list', 'list the imports of the agent')
    .option(
      '--undo <import id>',
      'take a whole import back, with all that was said in it since and what memory has from it alone',
    )
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      examples([
        ['letta import chat.jsonl', 'find it afterwards with letta search'],
        ['jq -c ".[]" chats.json | letta import -', 'a file that is one list in JSON'],
        ['letta import --undo conv-...', 'as if it had never been imported'],
      ]),
    )
    .action(async (file, options) => {
      const { runImport } = await import('../actions/run-import.ts')
      await runImport(context, {
        file,
        agent: options.agent,
        list: options.list === true,
        undo: options.undo,
        json: options.json === true,
      })
    })
}
