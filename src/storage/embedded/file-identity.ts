import { statSync } from 'node:fs'
import { AppError } from '../../errors/app-error.ts'

/**
 * How long a file that was in its place is taken to be there still, in milliseconds. To look takes as long as three of the
 * statements of a small commit. What is committed meanwhile is no worse off than what was committed before the removal.
 */
const trustedFor = 25

/** Remembers which file a path led to, to notice when the file is removed or replaced while it is open. */
export class FileIdentity {
  readonly #path: string
  readonly #identity: string | null
  #lookedAt = Number.NEGATIVE_INFINITY

  /** `:memory:` has no file and is always in place. */
  constructor(path: string) {
    this.#path = path
    this.#identity = path === ':memory:' ? null : identityOf(path)
  }

  /**
   * Throws when what is written now would go to a file that no path leads to, as it was a moment ago: it would be gone with
   * the process.
   *
   * @throws AppError `storage_gone`.
   */
  demandInPlace(): void {
    if (this.#identity === null) return
    const now = performance.now()
    if (now - this.#lookedAt < trustedFor) return
    if (identityOf(this.#path) === this.#identity) {
      this.#lookedAt = now
      return
    }
    throw new AppError(
      'storage_gone',
      `Cannot write to the database ${this.#path}: the file was removed or replaced while the program ran. ` +
        'Stop the program, put the data folder back, and start it again.',
      { data: { location: this.#path } },
    )
  }
}

/** Device and file number; null when the path leads nowhere. */
function identityOf(path: string): string | null {
  const found = statSync(path, { bigint: true, throwIfNoEntry: false })
  return found === undefined ? null : `${found.dev}:${found.ino}`
}
