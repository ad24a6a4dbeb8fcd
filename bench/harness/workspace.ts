import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isInMemory } from './machine.ts'

/** The repository. */
export const root = join(import.meta.dirname, '..', '..')

/** A temporary folder on a real disk; dispose of it with `using`. */
export interface Workspace extends Disposable {
  readonly path: string
  /** A new empty folder in it. */
  folder(name: string): string
}

/**
 * Makes a temporary folder where a sync reaches a disk: in the system's place for them, else in the repository.
 *
 * @throws Error when both lie in memory, because durable writes cannot be measured there.
 */
export function createWorkspace(): Workspace {
  const path = mkdtempSync(join(parentFolder(), 'letta-bench-'))
  return {
    path,
    folder(name) {
      const folder = mkdtempSync(join(path, `${name}-`))
      return folder
    },
    [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true, maxRetries: 5 }),
  }
}

function parentFolder(): string {
  if (!isInMemory(tmpdir())) return tmpdir()
  const own = join(root, 'bench', 'results')
  mkdirSync(own, { recursive: true })
  if (!isInMemory(own)) return own
  throw new Error(
    `Cannot measure durable writes: ${tmpdir()} and ${own} lie in memory. Set TMPDIR to a folder on a disk.`,
  )
}
