import type { Message } from '../domain/message.ts'
import type { RunEvent } from '../domain/run.ts'
import type { CommitResult } from '../storage/contract/turn-store.ts'
import type { ActiveTurn } from './turn-state.ts'

/** Shows the events of a commit to the readers in this process; call it only after the commit has resolved. */
export function publishCommit(turn: Pick<ActiveTurn, 'hub' | 'work'>, result: CommitResult): void {
  turn.hub.publish(
    turn.work.run.id,
    result.events.map((event) => ({
      event,
      message: messageOf(event, result),
    })),
  )
}

function messageOf({ event }: RunEvent, { item, request }: CommitResult): Message | null {
  if (event.type !== 'message-stored') return null
  const found = [item, request].find((place) => place?.message.id === event.messageId)
  return found?.message ?? null
}
