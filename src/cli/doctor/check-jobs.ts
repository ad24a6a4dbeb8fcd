import type { Client } from '../../../sdk/src/index.ts'
import { CliError } from '../cli-error.ts'
import { readHealth } from '../session/health.ts'

/**
 * How the background jobs stand, in a sentence.
 *
 * @throws CliError when they do not get on.
 */
export async function checkJobs(client: Client): Promise<string> {
  const { detail, jobs } = await readHealth(client)
  if (detail !== undefined) throw new CliError(detail)
  if (jobs === undefined) return 'not shown without a key'
  const { due, upcoming, running, dead } = jobs
  const waiting = due > 0 && running === 0 ? ' (they run in a server)' : ''
  const given =
    dead === 0
      ? ''
      : `, ${dead} given up: \`letta jobs list --state dead\` says why, \`letta jobs retry --all-dead\` tries again`
  return `${running} run, ${due} are due${waiting}, ${upcoming} come later${given}`
}
