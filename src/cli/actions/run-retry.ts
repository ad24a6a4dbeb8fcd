import type { Run } from '@letta-ai/letta-client/resources/agents/messages'
import type { Client, StreamEvent } from '../../../sdk/src/index.ts'
import { CliError } from '../cli-error.ts'
import type { CliContext } from '../context.ts'
import { createTurnWriter, type OutputFormat } from '../headless/output-format.ts'
import { reportFailure, runTurn, type TurnExtras } from '../headless/run-turn.ts'
import { isOffline, modelOf, offlineModel } from '../session/model-info.ts'
import { withClient } from '../session/open-client.ts'
import { findLastRun } from '../session/open-runs.ts'
import { openSession, type Session } from '../session/open-session.ts'

/** What `letta retry` was asked. */
export interface RetryArguments {
  readonly agent: string | undefined
  readonly outputFormat: OutputFormat
  readonly requireModel: boolean
}

/** Takes up the last message of this folder's conversation when it has no answer. */
export async function runRetry(context: CliContext, options: RetryArguments): Promise<void> {
  const writer = createTurnWriter(options.outputFormat, context.stdout)
  const { agent, requireModel } = options
  await reportFailure(writer, () =>
    withClient(context, async ({ client, settings }) => {
      const session = await openSession({ client, settings, agent, folder: context.folder })
      const start = await chooseStart(session)
      await runTurn(context, { session, writer, requireModel, start })
    }),
  )
}

/**
 * How the last message of a conversation is taken up: an open run is carried on; a failed one is tried again, and so is
 * one that only the offline mode answered, once there is a model.
 *
 * @throws CliError when there is nothing to take up.
 */
export async function chooseStart(
  session: Session,
): Promise<(extras: TurnExtras) => AsyncIterable<StreamEvent>> {
  const { client, conversationId } = session
  const run = await findLastRun(client, conversationId)
  if (run === null) {
    throw new CliError('Cannot retry: nothing was said in this folder yet. Send a prompt with -p.')
  }
  switch (run.status) {
    case 'created':
    case 'running':
      return (extras) => carryOn(client, { runId: run.id, conversationId, extras })
    case 'completed':
      await demandQuotedAnswer(session, run)
      return (extras) => client.retry({ runId: run.id, ...extras })
    default:
      return (extras) => client.retry({ runId: run.id, ...extras })
  }
}

async function* carryOn(
  client: Client,
  run: { readonly runId: string; readonly conversationId: string; readonly extras: TurnExtras },
): AsyncIterable<StreamEvent> {
  await client.recover({ conversationId: run.conversationId })
  yield* client.follow({ runId: run.runId, ...run.extras })
}

/** Only an answer of the offline mode may be replaced, and only once there is a model. */
async function demandQuotedAnswer({ client, agent }: Session, run: Run): Promise<void> {
  const steps = await client.letta.runs.steps.list(run.id, { limit: 1 })
  const [step] = steps.items
  const wasOffline = step !== undefined && `${step.provider_name}/${step.model}` === offlineModel
  if (!wasOffline) {
    throw new CliError('Cannot retry: the last message was answered. Send a new one with -p.')
  }
  if (await isOffline(client, modelOf(agent))) {
    throw new CliError(
      'Cannot retry: still no model is connected. Set a key such as OPENAI_API_KEY and run `letta retry` again.',
    )
  }
}
