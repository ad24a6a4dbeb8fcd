import type { Run } from '@letta-ai/letta-client/resources/agents/messages'
import type { Client, StreamEvent } from '../../../sdk/src/index.ts'
import { toLettaError } from '../../../sdk/src/errors.ts'
import { renderTurn } from '../chat/render-turn.ts'
import type { CliContext } from '../context.ts'
import { createTurnWriter, type OutputFormat } from '../headless/output-format.ts'
import { listenForInterruption, reportFailure, type TurnExtras } from '../headless/run-turn.ts'
import { withClient } from '../session/open-client.ts'

/** Which run is shown, and how. */
export interface RetryRunOptions {
  readonly runId: string
  readonly outputFormat: OutputFormat
}

/** What `letta runs watch` was asked. */
export interface WatchRunOptions extends RetryRunOptions {
  /** The number of the event to begin behind; 0 = the beginning. */
  readonly from: number
}

/** Writes what happened in a run and what happens until it ends. Throws what the run failed with. */
export async function watchRun(context: CliContext, options: WatchRunOptions): Promise<void> {
  const { runId, from } = options
  await writeEvents(context, options, async function* (client, extras) {
    const run = await client.letta.runs.retrieve(runId)
    await carryOn(context, client, run)
    yield* from === 0
      ? client.follow({ runId, ...extras })
      : followFrom(client, { runId, from, extras })
  })
}

/** Tries a run again and writes what happens until it ends. */
export async function retryRun(context: CliContext, options: RetryRunOptions): Promise<void> {
  const { runId } = options
  await writeEvents(context, options, (client, extras) => client.retry({ runId, ...extras }))
}

/** What `letta runs approve` and `deny` were asked. */
export interface AnswerRunOptions extends RetryRunOptions {
  readonly approve: boolean
  /** Why not; the model reads it. */
  readonly reason?: string | undefined
}

/** Answers the tool calls that a run ended with and writes what happens until the agent rests. */
export async function answerRun(context: CliContext, options: AnswerRunOptions): Promise<void> {
  const { runId, approve, reason } = options
  await writeEvents(context, options, (client, extras) =>
    approve ? client.approve({ runId, ...extras }) : client.deny({ runId, reason, ...extras }),
  )
}

async function writeEvents(
  context: CliContext,
  { outputFormat }: RetryRunOptions,
  open: (client: Client, extras: TurnExtras) => AsyncIterable<StreamEvent>,
): Promise<void> {
  const writer = createTurnWriter(outputFormat, context.stdout)
  const interruption = listenForInterruption(context)
  try {
    await reportFailure(writer, () =>
      withClient(context, async ({ client }) => {
        const events = open(client, {
          signal: interruption.signal,
          onFrame: (frame) => writer.frame(frame),
        })
        if (outputFormat === 'text') {
          await renderTurn(context.stdout, events)
          return
        }
        for await (const event of events) {
          if (event.type === 'end') writer.succeed(event.response)
        }
      }),
    )
  } finally {
    interruption.end()
  }
}

/** Without a server nobody else carries on what a process left open. */
async function carryOn(context: CliContext, client: Client, run: Run): Promise<void> {
  if (client.mode !== 'embedded') return
  if (run.status !== 'created' && run.metadata?.['interrupted'] !== true) return
  context.stderr.write('No server runs: this command carries the run on.\n')
  await client.recover({
    conversationId: run.conversation_id ?? defaultConversationOf(run),
  })
}

/** The wire names no default conversation; it has the UUID of its agent. */
function defaultConversationOf({ agent_id: agentId }: Run): string {
  return agentId.replace(/^agent-/, 'conv-')
}

/** The rest of a run may be without an answer. */
async function* followFrom(
  client: Client,
  options: { readonly runId: string; readonly from: number; readonly extras: TurnExtras },
): AsyncIterable<StreamEvent> {
  const { runId, from, extras } = options
  try {
    yield* client.follow({ runId, after: from, ...extras })
  } catch (error) {
    if (toLettaError(error).code !== 'no_answer') throw error
  }
}
