import { fstatSync, readFileSync, statSync } from 'node:fs'
import { devNull } from 'node:os'
import { Readable } from 'node:stream'

/**
 * The standard input of this process. A file, or the null device that scripts and services give, is read at once: for that Node's
 * own stream starts threads and loads what reads files step by step.
 */
export function openStandardInput(): Readable {
  return isReadAtOnce() ? Readable.from([readFileSync(0)]) : process.stdin
}

function isReadAtOnce(): boolean {
  try {
    const input = fstatSync(0)
    return input.isFile() || (input.isCharacterDevice() && input.rdev === statSync(devNull).rdev)
  } catch {
    // It is closed, which Node's own stream knows how to say.
    return false
  }
}
