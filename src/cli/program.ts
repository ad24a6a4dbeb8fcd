import { Command, type CommandUnknownOpts } from '@commander-js/extra-typings'
import { usageError } from './cli-error.ts'
import { examples } from './examples.ts'
import { createAgentsCommand } from './commands/agents.ts'
import { createCompletionCommand } from './commands/completion.ts'
import { createContextCommand } from './commands/context.ts'
import { createConversationsCommand } from './commands/conversations.ts'
import {
  createBackupCommand,
  createDatabaseCommand,
  createMigrateCommand,
  createRestoreCommand,
} from './commands/database.ts'
import { createDoctorCommand } from './commands/doctor.ts'
import { createEmbeddingsCommand } from './commands/embeddings.ts'
import { createEvalCommand } from './commands/eval.ts'
import { createFactsCommand } from './commands/facts.ts'
import { createArchiveCommand } from './commands/archive.ts'
import { createForgetCommand } from './commands/forget.ts'
import { createImportCommand } from './commands/import.ts'
import { createInstructionsCommand } from './commands/instructions.ts'
import { createJobsCommand } from './commands/jobs.ts'
import { createKeysCommand } from './commands/keys.ts'
import { createMemoryCommand } from './commands/memory.ts'
import { createModelCommand } from './commands/model.ts'
import { createRetryCommand } from './commands/retry.ts'
import { createRunsCommand } from './commands/runs.ts'
import { createScheduleCommand } from './commands/schedule.ts'
import { createSearchCommand } from './commands/search.ts'
import { createWhyCommand } from './commands/why.ts'
import { createStarCommand } from './commands/star.ts'
import { createServerCommand } from './commands/server.ts'
import { createTalkCommand } from './commands/talk.ts'
import { createTimelineCommand } from './commands/timeline.ts'
import type { CliContext } from './context.ts'
import { placeOptions } from './option-place.ts'

/** What the program needs of a command's builder. */
type CommandBuilder = (context: CliContext) => CommandUnknownOpts

const builders: Readonly<Record<string, CommandBuilder>> = {
  agents: createAgentsCommand,
  archive: createArchiveCommand,
  backup: createBackupCommand,
  completion: createCompletionCommand,
  context: createContextCommand,
  conversations: createConversationsCommand,
  db: createDatabaseCommand,
  doctor: createDoctorCommand,
  embeddings: createEmbeddingsCommand,
  eval: createEvalCommand,
  facts: createFactsCommand,
  forget: createForgetCommand,
  import: createImportCommand,
  instructions: createInstructionsCommand,
  jobs: createJobsCommand,
  keys: createKeysCommand,
  memory: createMemoryCommand,
  migrate: createMigrateCommand,
  model: createModelCommand,
  restore: createRestoreCommand,
  retry: createRetryCommand,
  runs: createRunsCommand,
  schedule: createScheduleCommand,
  search: createSearchCommand,
  why: createWhyCommand,
  server: createServerCommand,
  star: createStarCommand,
  timeline: createTimelineCommand,
}

/** The names of all commands. */
export const commandNames: ReadonlySet<string> = new Set([...Object.keys(builders), 'help'])

/** Whether a word is the name of a command that needs none of the others; `help` and `completion` speak of all. */
export function standsAlone(name: string): boolean {
  return Object.hasOwn(builders, name) && name !== 'completion'
}

/**
 * The program with all its commands; called without one it opens the chat. `only` is the one command that is going to run,
 * if that is known: then the others, which take milliseconds to build, are left out.
 */
export function createProgram(context: CliContext, only?: string): CommandUnknownOpts {
  const program = placeOptions(createTalkCommand(context))
  for (const [name, create] of Object.entries(builders)) {
    if (only === undefined || only === name) program.addCommand(create(context))
  }
  if (only === undefined) program.addCommand(createHelpCommand(program))
  return configure(context, program)
}

/** The parser makes one only for programs that do nothing by themselves, which the chat does. */
function createHelpCommand(program: CommandUnknownOpts): CommandUnknownOpts {
  return new Command('help')
    .description('Show the help of a command.')
    .argument('[command...]', 'the command; without one the help of all')
    .addHelpText('after', examples([['letta help agents create', 'what it takes']]))
    .action((words) => {
      let command = program
      for (const word of words) {
        const child = command.commands.find((candidate) => candidate.name() === word)
        if (child === undefined) {
          throw usageError(
            `Cannot run "letta ${words.join(' ')}": there is no such command. See \`letta --help\`.`,
          )
        }
        command = child
      }
      command.outputHelp()
    })
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
