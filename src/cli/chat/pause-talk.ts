import { describeError } from '../describe-error.ts'
import { listOpenRuns } from '../session/open-runs.ts'
import type { Session } from '../session/open-session.ts'

/** `/pause` and `/resume` in the chat: while the conversation is paused, what is said is kept and answered later. */
export class PauseTalk {
  #isPaused = false

  /** Whether the conversation was paused when this was last looked at. */
  get isPaused(): boolean {
    return this.#isPaused
  }

  /** Looks whether a conversation that is opened is paused; a line that says so, or none. */
  async look(session: Session): Promise<readonly string[]> {
    this.#isPaused = await session.client.isPaused(placeOf(session))
    return this.#isPaused ? ['This conversation is paused; /resume goes on with it.'] : []
  }

  /** Pauses the conversation. */
  async pause(session: Session): Promise<readonly string[]> {
    await session.client.pause(placeOf(session))
    this.#isPaused = true
    return ['Paused: what is said here is kept, and answered after /resume.']
  }

  /** Ends the pause; the ids of the runs that go on, oldest first. */
  async resume(session: Session): Promise<readonly string[]> {
    await session.client.resume(placeOf(session))
    this.#isPaused = false
    const runs = await listOpenRuns(session.client, session.conversationId)
    return runs.map(({ id }) => id)
  }

  /** Stores what is said during a pause, without waiting for an answer. */
  async keep(
    session: Session,
    message: { readonly text: string; readonly model: string | undefined },
  ): Promise<readonly string[]> {
    try {
      await session.client.submitMessage({
        ...placeOf(session),
        message: message.text,
        model: message.model,
      })
      return ['Kept: this conversation is paused; /resume goes on with it.']
    } catch (error) {
      return [describeError(error).message]
    }
  }
}

function placeOf({ agent, conversationId }: Session): {
  readonly agentId: string
  readonly conversationId: string
} {
  return { agentId: agent.id, conversationId }
}
