import type {
  StreamEvent,
  UserMessageOptions,
  UserMessageResponse,
} from '../../../sdk/src/index.ts'
import { toLettaError } from '../../../sdk/src/errors.ts'
import { PendingApprovalError } from '../../../sdk/src/pending-calls.ts'
import { CliError } from '../cli-error.ts'
import type { CliContext } from '../context.ts'
import { readMemoryNotes, renderMemoryNotes } from '../session/memory-notes.ts'
import { isOffline, modelOf, offlineModel, offlineNotice } from '../session/model-info.ts'
import { listOpenRuns } from '../session/open-runs.ts'
import type { Session } from '../session/open-session.ts'
import type { ResultPlace } from './json-result.ts'
import type { TurnWriter } from './output-format.ts'

/** What a turn is told besides what it is about. */
export type TurnExtras = Pick<UserMessageOptions, 'onFrame' | 'signal'>

/** One turn, from the check of the model to the written answer. */
export interface TurnOptions {
  readonly session: Session
  readonly writer: TurnWriter
  /** A model for this turn only. */
  readonly model?: string | undefined
  /** Refuse to be answered by the offline mode. */
  readonly requireModel: boolean
  /** Say when earlier messages are answered first. Default: false. */
  readonly tellsOpenRuns?: boolean
  /** Begins or takes up the turn. */
  readonly start: (extras: TurnExtras) => AsyncIterable<StreamEvent>
}

/** Runs one turn and writes its answer; throws what it failed with. */
export async function runTurn(context: CliContext, options: TurnOptions): Promise<void> {
  const { session, writer } = options
  const place = await openPlace(context, options)
  if (options.tellsOpenRuns === true) await tellOpenRuns(context, session)
  writer.begin(place)
  const interruption = listenForInterruption(context)
  try {
    const events = options.start({
      onFrame: (frame) => writer.frame(frame),
      signal: interruption.signal,
    })
    for await (const event of events) {
      if (event.type !== 'end') continue
      const { response } = event
      const memory = await readMemoryNotes(session.client, session.agent.id, response)
      if (writer.namesModel) {
        const model = await findAnswering(session, place, response)
        writer.succeed(response, { model, memory })
      } else {
        writer.succeed(response)
        for (const line of renderMemoryNotes(memory)) context.stderr.write(`${line}\n`)
      }
    }
  } finally {
    interruption.end()
  }
}

/** Runs a command's work; when it fails, the result is written in the command's format before the error goes on. */
export async function reportFailure(writer: TurnWriter, work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } catch (error) {
    writer.fail(toResultError(error))
    throw error
  }
}

function toResultError(error: unknown): Parameters<TurnWriter['fail']>[0] {
  if (error instanceof CliError) {
    return { code: 'refused', message: error.message, status: null, runId: null }
  }
  const { code, message, status, runId } = toLettaError(error)
  if (!(error instanceof PendingApprovalError)) return { code, message, status, runId }
  return { code, message, status, runId, pendingCalls: error.calls }
}

const noModel =
  'Cannot send the prompt: no model is connected. ' +
  'Set a key such as OPENAI_API_KEY, or OPENAI_BASE_URL for a server of your own; or leave out --require-model.'

/**
 * Where a turn takes place and which model answers; says on standard error when that is the offline mode.
 *
 * @throws CliError when it is and a model is required.
 */
export async function openPlace(
  context: CliContext,
  options: Pick<TurnOptions, 'session' | 'model' | 'requireModel'>,
): Promise<ResultPlace> {
  const { client, agent, conversationId } = options.session
  const handle = options.model ?? modelOf(agent)
  const limited = await isOffline(client, handle)
  if (limited && options.requireModel) throw new CliError(noModel)
  if (limited) context.stderr.write(`${offlineNotice}\n`)
  const model = limited ? offlineModel : handle
  return { agentId: agent.id, conversationId, model, limited }
}

/** The model behind an alias such as `letta/auto` in this run; the named one when that is a model itself. */
async function findAnswering(
  { client }: Session,
  place: ResultPlace,
  { runId }: UserMessageResponse,
): Promise<string> {
  if (place.limited || runId === null || !place.model.startsWith('letta/')) return place.model
  const { items } = await client.letta.runs.steps.list(runId, { limit: 1 })
  const [step] = items
  return step === undefined ? place.model : `${step.provider_name}/${step.model}`
}

/** In this process earlier messages are answered first, because nobody else does it. */
async function tellOpenRuns(context: CliContext, session: Session): Promise<void> {
  if (session.client.mode !== 'embedded') return
  const open = await listOpenRuns(session.client, session.conversationId)
  if (open.length === 0) return
  context.stderr.write('Finishing an earlier message of this conversation first.\n')
}

/** Ends the waiting at Ctrl-C; the run itself is stored and is carried on later. */
export function listenForInterruption(context: CliContext): {
  readonly signal: AbortSignal
  end(): void
} {
  const controller = new AbortController()
  const end = context.onTermination(() => controller.abort())
  return { signal: controller.signal, end }
}
