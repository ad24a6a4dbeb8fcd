import { loadSettings } from '../../config/load-settings.ts'
import type { CliContext } from '../context.ts'
import { ensureServer } from './spawn-server.ts'

/** A server that somebody named is theirs to run; on the data folder there must be one that outlives this command. */
export async function requireServer(context: CliContext): Promise<void> {
  const settings = loadSettings(context.environment)
  if (settings.baseUrl !== null) return
  // On a port of its own, so that it never fails because of another program.
  const port = settings.sources['port'] === undefined ? 0 : settings.port
  const { file, isNew } = await ensureServer(context, {
    settings: { ...settings, port },
    idleExit: settings.idleExitMinutes,
  })
  if (isNew) context.stderr.write(`Started a server in the background (process ${file.pid}).\n`)
}
