import type { Server } from 'node:http'
import type { App } from '../app/app.ts'
import { systemScope } from '../domain/scope.ts'
import { embedJobKind } from '../jobs/kinds/embed.ts'
import { retentionJobKind } from '../jobs/kinds/retain.ts'

/** How long a server must have nothing to do. */
export interface IdleOptions {
  /** In milliseconds. */
  readonly forMs: number
  /** Ends the waiting. */
  readonly signal: AbortSignal
}

/**
 * Watches the requests of a server from now on. The returned function resolves once there was none for a while, streams
 * included, and no conversation has anything left to run and no job waits: a schedule keeps its server, and so do vectors that are being
 * made.
 */
export function watchIdle(
  app: Pick<App, 'clock' | 'store'>,
  server: Pick<Server, 'on'>,
): (options: IdleOptions) => Promise<void> {
  let open = 0
  let busyUntil = app.clock.now()
  server.on('request', (_request, response) => {
    open += 1
    response.once('close', () => {
      open -= 1
      busyUntil = app.clock.now()
    })
  })
  return async ({ forMs, signal }) => {
    let remaining = forMs
    while (remaining > 0) {
      await app.clock.sleep(remaining, { signal })
      if (open > 0 || (await hasOpenWork())) busyUntil = app.clock.now()
      remaining = busyUntil + forMs - app.clock.now()
    }
  }

  async function hasOpenWork(): Promise<boolean> {
    const work = await app.store.listOpenWork(systemScope, { at: app.clock.now(), limit: 1 })
    if (work.length > 0) return true
    // A turn that waits for a time needs somebody who is there then.
    if ((await app.store.nextWakeAt(systemScope, { after: app.clock.now() })) !== null) return true
    const at = app.clock.now()
    const exceptKinds = [retentionJobKind, embedJobKind]
    const { due, upcoming, running } = await app.store.countJobs(systemScope, { exceptKinds, at })
    if (due + upcoming + running > 0) return true
    // These are always there to look for something to do; one that runs has found it.
    return (await app.store.countJobs(systemScope, { exceptKinds: [], at })).running > 0
  }
}
