import type { CommandUnknownOpts } from '@commander-js/extra-typings'
import { createAgentsCommand } from './commands/agents.ts'
import { createCompletionCommand } from './commands/completion.ts'
import { createConversationsCommand } from './commands/conversations.ts'
import { createDoctorCommand } from './commands/doctor.ts'
import { createKeysCommand } from './commands/keys.ts'
import { createMemoryCommand } from './commands/memory.ts'
import { createModelCommand } from './commands/model.ts'
import { createRetryCommand } from './commands/retry.ts'
import { createSearchCommand } from './commands/search.ts'
import { createServerCommand } from './commands/server.ts'
import { createTalkCommand } from './commands/talk.ts'
import type { CliContext } from './context.ts'

/** What the program needs of a command's builder. */
type CommandBuilder = (context: CliContext) => CommandUnknownOpts

const builders: Readonly<Record<string, CommandBuilder>> = {
  agents: createAgentsCommand,
  completion: createCompletionCommand,
  conversations: createConversationsCommand,
  doctor: createDoctorCommand,
  keys: createKeysCommand,
  memory: createMemoryCommand,
  model: createModelCommand,
  retry: createRetryCommand,
  search: createSearchCommand,
  server: createServerCommand,
}

/** The names of all commands. */
export const commandNames: ReadonlySet<string> = new Set([...Object.keys(builders), 'help'])

/** The program with all its commands; called without one it opens the chat. */
export function createProgram(context: CliContext): CommandUnknownOpts {
  const program = createTalkCommand(context)
  for (const create of Object.values(builders)) program.addCommand(create(context))
  return configure(context, program)
}

/** The program for `letta -p`: no commands, so that every word belongs to the prompt. */
export function createHeadlessProgram(context: CliContext): CommandUnknownOpts {
  return configure(context, createTalkCommand(context))
}

/** Makes a command and those below it throw instead of ending the process, and write where the context says. */
function configure(context: CliContext, command: CommandUnknownOpts): CommandUnknownOpts {
  command
    .exitOverride()
    .showSuggestionAfterError()
    .showHelpAfterError('Run it with --help to see what it takes.')
    .configureOutput({
      writeOut: (text) => void context.stdout.write(text),
      writeErr: (text) => void context.stderr.write(text),
      getOutHelpWidth: () => context.stdout.columns ?? 100,
      getErrHelpWidth: () => context.stderr.columns ?? 100,
    })
  for (const child of command.commands) configure(context, child)
  return command
}
