import type { CliContext } from '../context.ts'
import { withClient } from '../session/open-client.ts'
import { openSession } from '../session/open-session.ts'
import { createTurnWriter, type OutputFormat } from './output-format.ts'
import { readPrompt } from './read-prompt.ts'
import { keepWhenPaused } from './keep-when-paused.ts'
import { reportFailure, runTurn } from './run-turn.ts'

/** What `letta -p` was asked. */
export interface HeadlessOptions {
  /** The prompt's words, from the option and after it. */
  readonly words: readonly string[]
  readonly outputFormat: OutputFormat
  readonly agent?: string | undefined
  readonly model?: string | undefined
  readonly startNew: boolean
  readonly stateless: boolean
  readonly requireModel: boolean
  /** Print the run's id and leave it to a server. */
  readonly detach: boolean
}

/** Sends one prompt, waits until the agent rests and writes its answer; detached, it writes the id of the run. */
export async function runHeadless(context: CliContext, options: HeadlessOptions): Promise<void> {
  const writer = createTurnWriter(options.outputFormat, context.stdout)
  await reportFailure(writer, async () => {
    const message = await readPrompt(context, options.words)
    if (options.detach) {
      const { runDetached } = await import('./run-detached.ts')
      await runDetached(context, { ...options, message })
      return
    }
    await withClient(context, async (open) => {
      const session = await openSession({ ...open, ...options, folder: context.folder })
      for (const notice of session.notices) context.stderr.write(`${notice}\n`)
      const { client, agent, conversationId } = session
      const { model, requireModel } = options
      try {
        await keepWhenPaused(session, { message, model })
        await runTurn(context, {
          session,
          writer,
          model,
          requireModel,
          tellsOpenRuns: true,
          start: (extras) =>
            client.streamMessage({ agentId: agent.id, conversationId, message, model, ...extras }),
        })
      } finally {
        await session.dispose()
      }
    })
  })
}
