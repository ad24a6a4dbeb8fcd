import { setTimeout as sleep } from 'node:timers/promises'
import type { ClientBase, Pool } from 'pg'

/** One connection as the server knows it. */
export interface Session {
  readonly processId: number
  /** When it began, because the server gives process numbers again. */
  readonly startedAt: string
}

const pollMs = 20

/** The same text for every time zone of a session. */
const startedAt = 'extract(epoch FROM backend_start)::text'

/**
 * The connections of a pool under the names that the server has for them, so that one which was lost on the way can be
 * ended at the server's side too. A pooler in between makes up names of its own, hence the question.
 */
export class Sessions {
  readonly #known = new WeakMap<object, Session>()

  /** The session of a connection, which is asked for its name once. */
  async of(client: ClientBase): Promise<Session> {
    const known = this.#known.get(client)
    if (known !== undefined) return known
    const result = await client.query<Session>(
      `SELECT pid AS "processId", ${startedAt} AS "startedAt"
       FROM pg_stat_activity WHERE pid = pg_backend_pid()`,
    )
    const [session] = result.rows
    if (session === undefined) throw new Error('the server does not show its own connection')
    this.#known.set(client, session)
    return session
  }
}

/** Ends a session and waits until it is gone: what it committed is there by then, and nothing comes later. */
export async function endSession(pool: Pool, session: Session): Promise<void> {
  for (;;) {
    const result = await pool.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
       WHERE pid = $1 AND ${startedAt} = $2`,
      [session.processId, session.startedAt],
    )
    if (result.rowCount === 0) return
    await sleep(pollMs)
  }
}
