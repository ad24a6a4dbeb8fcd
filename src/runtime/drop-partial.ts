import type { RunEvent } from '../domain/run.ts'
import { readPages } from '../util/read-pages.ts'
import type { ActiveTurn } from './turn-state.ts'

/** The part of a turn that is needed to write to the log of its run. */
type LoggedTurn = Pick<ActiveTurn, 'parts' | 'hub' | 'scope' | 'lease' | 'work'>

/** How many stored events are looked at in one go. */
const batchSize = 500

/** Tells readers to forget what they were shown of messages that are not stored. */
export async function dropPartial(
  { parts, hub, scope, lease, work }: LoggedTurn,
  messageIds: readonly string[],
): Promise<void> {
  const stored = await parts.store.appendEvents(scope, {
    lease,
    runId: work.run.id,
    events: messageIds.map((messageId) => ({ type: 'message-dropped', messageId })),
    at: parts.clock.now(),
  })
  hub.publish(
    work.run.id,
    stored.map((event) => ({ event, message: null })),
  )
}

/** Drops what an earlier holder of the lease had shown of an answer before it was stopped in the middle. */
export async function dropOpenPartials(turn: LoggedTurn): Promise<void> {
  const { hub, work, lease } = turn
  hub.open(work.run.id, lease.conversationId)
  if (!work.turn.options.streamTokens) return
  const open = await findOpenPartials(turn)
  if (open.length > 0) await dropPartial(turn, open)
}

/** The messages that were shown in part and neither stored nor dropped. */
async function findOpenPartials({ parts, scope, work }: LoggedTurn): Promise<readonly string[]> {
  const open = new Set<string>()
  const pages = readPages<RunEvent>({
    limit: batchSize,
    read: async (last) => {
      const place = { runId: work.run.id, after: last?.sequence ?? 0, limit: batchSize }
      return await parts.store.listEvents(scope, place)
    },
  })
  for await (const events of pages) {
    for (const { event } of events) {
      if (!('messageId' in event)) continue
      if (event.type === 'message-stored' || event.type === 'message-dropped') {
        open.delete(event.messageId)
      } else open.add(event.messageId)
    }
  }
  return [...open]
}
