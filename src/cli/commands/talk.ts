import { Command, Option, type CommandUnknownOpts } from '@commander-js/extra-typings'
import { version } from '../../config/version.ts'
import { usageError } from '../cli-error.ts'
import type { CliContext } from '../context.ts'
import { examples } from '../examples.ts'

const formats = ['text', 'json', 'stream-json'] as const

const exitCodeHelp =
  'Exit codes: 0 the command did it, 1 it could not, 2 it was called wrongly, 130 interrupted.'

/** `letta` and `letta -p`: talk to an agent. */
export function createTalkCommand(context: CliContext): CommandUnknownOpts {
  const command = new Command('letta')
    .description('Talk to an agent that remembers.')
    .usage('[options] [command]')
    .version(version, '-V, --version', 'print the version')
    .argument('[words...]', 'more of the prompt, with -p')
    .option(
      '-p, --prompt [text]',
      'send one prompt (with standard input, if any), print the answer',
    )
    .addOption(
      new Option('--output-format <format>', 'what -p prints').choices(formats).default('text'),
    )
    .option('-a, --agent <id|name>', 'the agent (default: your own default agent)')
    .option('-n, --new', 'begin a new conversation in this folder')
    .option('-m, --model <handle>', 'a model for this run only')
    .option('--stateless', 'with -p: leave nothing behind')
    .option('--require-model', 'with -p: fail when no model is connected')
    .option('--detach', 'with -p: print the run id and return; a server in the background goes on')
    .addHelpText(
      'after',
      `${examples([
        ['letta', 'chat in this terminal'],
        ['letta -p "What did I tell you about Go?"', 'one question, one answer'],
        ['git diff | letta -p "Review this"', 'a prompt with a text'],
        ['letta /model gpt-4o', 'switch the model'],
        ['letta -p "Tidy my notes" --detach', 'goes on in the background; see `letta runs --help`'],
      ])}\n\n${exitCodeHelp}`,
    )
  command.action(async (words, options) => {
    if (options.prompt === undefined) {
      refuseHeadlessOptions(words, options)
      const { runChat } = await import('../chat/run-chat.ts')
      await runChat(context, {
        agent: options.agent,
        model: options.model,
        startNew: options.new === true,
      })
      return
    }
    const { runHeadless } = await import('../headless/run-headless.ts')
    if (options.detach === true && options.stateless === true) {
      throw usageError(
        'Cannot use --detach with --stateless: what goes on leaves something behind.',
      )
    }
    await runHeadless(context, {
      detach: options.detach === true,
      words: [...(typeof options.prompt === 'string' ? [options.prompt] : []), ...words],
      outputFormat: options.outputFormat,
      agent: options.agent,
      model: options.model,
      startNew: options.new === true,
      stateless: options.stateless === true,
      requireModel: options.requireModel === true,
    })
  })
  return command
}

function refuseHeadlessOptions(
  words: readonly string[],
  options: {
    readonly stateless?: boolean | undefined
    readonly requireModel?: boolean | undefined
    readonly detach?: boolean | undefined
  },
): void {
  const [word] = words
  if (word !== undefined) {
    throw usageError(
      `Cannot run "letta ${word}": there is no such command. ` +
        `See \`letta --help\`, or send it as a prompt: letta -p "${words.join(' ')}"`,
    )
  }
  if (options.stateless === true || options.requireModel === true) {
    throw usageError('Cannot use --stateless or --require-model without -p. Add -p "…".')
  }
  if (options.detach === true) throw usageError('Cannot use --detach without -p. Add -p "…".')
}
