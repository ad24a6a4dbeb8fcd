import type { CommitResult } from '../storage/contract/turn-store.ts'
import type { ActiveTurn } from './turn-state.ts'

/** Shows the events of a commit to the readers in this process; call it only after the commit has resolved. */
export function publishCommit(turn: Pick<ActiveTurn, 'hub' | 'work'>, result: CommitResult): void {
  const message = result.item?.message ?? null
  turn.hub.publish(
    turn.work.run.id,
    result.events.map((event) => ({
      event,
      message: event.event.type === 'message-stored' ? message : null,
    })),
  )
}
