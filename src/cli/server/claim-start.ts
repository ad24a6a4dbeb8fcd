import { renameSync, rmSync } from 'node:fs'
import { createPrivateFile, isProcessAlive, readFileIfPresent } from '../../config/platform.ts'

/**
 * Whether a process is the one to start a server: of several at once only one is. The file of one that died on the way is
 * taken over, by whoever moves it away.
 */
export function claimStart(path: string, processId: number): boolean {
  const own = String(processId)
  const holder = createPrivateFile(path, own)
  if (holder === own) return true
  if (isProcessAlive(Number(holder))) return false
  const moved = moveAway(path, `${path}.${own}`)
  // Somebody else moved it first and has put a file of its own there.
  if (moved !== null && moved !== holder) {
    createPrivateFile(path, moved)
    return false
  }
  return createPrivateFile(path, own) === own
}

/** What a file held that this call alone took away; null when it was gone. */
function moveAway(path: string, aside: string): string | null {
  try {
    renameSync(path, aside)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null
    throw error
  }
  const held = readFileIfPresent(aside)
  rmSync(aside, { force: true })
  return held
}
