import { printLines } from '../actions/print.ts'
import type { CliContext } from '../context.ts'
import { requireServer } from '../server/require-server.ts'
import { withClient } from '../session/open-client.ts'
import { openSession } from '../session/open-session.ts'
import { toPlaceFields } from './json-result.ts'
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

/** Sends one prompt to a server, which is started when none runs, and prints the id of the run without waiting for it. */
export async function runDetached(context: CliContext, options: DetachedOptions): Promise<void> {
  await requireServer(context)
  await withClient(context, async (open) => {
    const session = await openSession({ ...open, ...options, folder: context.folder })
    for (const notice of session.notices) context.stderr.write(`${notice}\n`)
    const { agent, conversationId } = session
    const { message, model, requireModel } = options
    const place = await openPlace(context, { session, model, requireModel })
    const runId = await open.client.submitMessage({
      agentId: agent.id,
      conversationId,
      message,
      model,
    })
    if (options.outputFormat === 'text') printLines(context, [runId])
    else printAccepted(context, { type: 'accepted', run_id: runId, ...toPlaceFields(place) })
    context.stderr.write(`The run goes on. \`letta runs watch ${runId}\` shows it.\n`)
  })
}

function printAccepted(context: CliContext, accepted: Readonly<Record<string, unknown>>): void {
  context.stdout.write(`${JSON.stringify(accepted)}\n`)
}
