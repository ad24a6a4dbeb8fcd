import { printLines } from '../actions/print.ts'
import type { CliContext } from '../context.ts'
import { requireServer } from '../server/require-server.ts'
import { type OpenClient, withClient } from '../session/open-client.ts'
import { openSession } from '../session/open-session.ts'
import { type ResultPlace, toPlaceFields } from './json-result.ts'
import type { OutputFormat } from './output-format.ts'
import { openPlace } from './run-turn.ts'

/** What `letta -p … --detach` was asked. */
export interface DetachedOptions {
  readonly message: string
  readonly outputFormat: OutputFormat
  readonly agent?: string | undefined
  readonly model?: string | undefined
  readonly startNew: boolean
  readonly requireModel: boolean
}

/**
 * Sends one prompt to a server, which is started when none runs, and prints the id of the run without waiting for it.
 * None is started for an agent or a model that does not exist.
 */
export async function runDetached(context: CliContext, options: DetachedOptions): Promise<void> {
  const place = await withClient(context, (open) => findPlace(context, open, options))
  await requireServer(context)
  const { agentId, conversationId } = place
  const { message, model } = options
  const runId = await withClient(context, ({ client }) =>
    client.submitMessage({ agentId, conversationId, message, model }),
  )
  if (options.outputFormat === 'text') printLines(context, [runId])
  else printAccepted(context, { type: 'accepted', run_id: runId, ...toPlaceFields(place) })
  context.stderr.write(`The run goes on. \`letta runs watch ${runId}\` shows it.\n`)
}

/** Where the prompt goes to: found, or made when no agent is named. */
async function findPlace(
  context: CliContext,
  open: OpenClient,
  options: DetachedOptions,
): Promise<ResultPlace> {
  const session = await openSession({ ...open, ...options, folder: context.folder })
  for (const notice of session.notices) context.stderr.write(`${notice}\n`)
  const { model, requireModel } = options
  const found = await openPlace(context, { session, model, requireModel })
  await open.client.letta.get('/v1/models/resolve', { query: { handle: found.model } })
  return found
}

function printAccepted(context: CliContext, accepted: Readonly<Record<string, unknown>>): void {
  context.stdout.write(`${JSON.stringify(accepted)}\n`)
}
