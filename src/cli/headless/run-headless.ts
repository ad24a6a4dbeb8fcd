import { toLettaError, type StreamEvent } from '../../../sdk/src/index.ts'
import { CliError } from '../cli-error.ts'
import type { CliContext } from '../context.ts'
import { isOffline, modelOf, offlineModel, offlineNotice } from '../session/model-info.ts'
import { withClient, type OpenClient } from '../session/open-client.ts'
import { listOpenRuns } from '../session/open-runs.ts'
import { openSession, type Session } from '../session/open-session.ts'
import { createTurnWriter, type OutputFormat, type TurnWriter } from './output-format.ts'
import { readPrompt } from './read-prompt.ts'

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
}

/** Sends one prompt, waits until the agent rests and writes its answer. */
export async function runHeadless(context: CliContext, options: HeadlessOptions): Promise<void> {
  const prompt = await readPrompt(context, options.words)
  const writer = createTurnWriter(options.outputFormat, context.stdout)
  await inSession(context, options, async (session, open) => {
    await runTurn(context, {
      session,
      writer,
      model: options.model,
      requireModel: options.requireModel,
      isEmbedded: open.client.mode === 'embedded',
      start: (extras) =>
        session.client.streamMessage({
          agentId: session.agent.id,
          conversationId: session.conversationId,
          message: prompt,
          model: options.model,
          ...extras,
        }),
    })
  })
}

/** Opens the session, tells what was found, and cleans up. */
async function inSession(
  context: CliContext,
  options: HeadlessOptions,
  work: (session: Session, open: OpenClient) => Promise<void>,
): Promise<void> {
  await withClient(context, async (open) => {
    const session = await openSession({ ...open, ...options, folder: context.folder })
    for (const notice of session.notices) context.stderr.write(`${notice}\n`)
    try {
      await work(session, open)
    } finally {
      await session.dispose()
    }
  })
}

/** One turn, from the check of the model to the written answer. */
export interface TurnOptions {
  readonly session: Session
  readonly writer: TurnWriter
  /** A model for this turn only. */
  readonly model?: string | undefined
  /** Refuse to be answered by the offline mode. */
  readonly requireModel: boolean
  /** Whether this process itself runs the turn, and therefore what is open before it. */
  readonly isEmbedded: boolean
  /** Begins or takes up the turn. */
  readonly start: (
    extras: Pick<Parameters<Session['client']['streamMessage']>[0], 'onFrame' | 'signal'>,
  ) => AsyncIterable<StreamEvent>
}

/** Runs one turn and writes it; on failure the result is written in the format, and the error thrown. */
export async function runTurn(context: CliContext, options: TurnOptions): Promise<void> {
  const { session, writer } = options
  const { client, agent, conversationId } = session
  const begun = performance.now()
  const handle = options.model ?? modelOf(agent)
  const limited = await isOffline(client, handle)
  if (limited && options.requireModel) {
    throw new CliError(`Cannot send the prompt: no model is connected. ${howToConnect}`)
  }
  const place = {
    agentId: agent.id,
    conversationId,
    model: limited ? offlineModel : handle,
    limited,
  }
  const interruption = listenForInterruption(context)
  try {
    if (limited) context.stderr.write(`${offlineNotice}\n`)
    if (options.isEmbedded) await tellOpenRuns(context, session)
    writer.begin(place)
    const events = options.start({
      onFrame: (frame) => writer.frame(frame),
      signal: interruption.signal,
    })
    for await (const event of events) {
      if (event.type === 'end') writer.succeed({ ...place, ...since(begun) }, event.response)
    }
  } catch (error) {
    const failure = toLettaError(error)
    writer.fail({ ...place, ...since(begun) }, failure)
    throw failure
  } finally {
    interruption.end()
  }
}

const howToConnect =
  'Set a key such as OPENAI_API_KEY, or OPENAI_BASE_URL for a server of your own; or leave out --require-model.'

async function tellOpenRuns(context: CliContext, session: Session): Promise<void> {
  const open = await listOpenRuns(session.client, session.conversationId)
  if (open.length === 0) return
  context.stderr.write('Finishing an earlier message of this conversation first.\n')
}

function since(begun: number): { readonly durationMs: number } {
  return { durationMs: Math.round(performance.now() - begun) }
}

/** Ends the waiting at Ctrl-C; the run itself is stored and is carried on later. */
function listenForInterruption(context: CliContext): {
  readonly signal: AbortSignal
  end(): void
} {
  const controller = new AbortController()
  const end = context.onTermination(() => controller.abort())
  return { signal: controller.signal, end }
}
