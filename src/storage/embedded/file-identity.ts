import { statSync } from 'node:fs'
import { AppError } from '../../errors/app-error.ts'

/** Remembers which file a path led to, to notice when the file is removed or replaced while it is open. */
export class FileIdentity {
  readonly #path: string
  readonly #identity: string | null

  /** `:memory:` has no file and is always in place. */
  constructor(path: string) {
    this.#path = path
    this.#identity = path === ':memory:' ? null : identityOf(path)
  }

  /**
   * Throws when what is written now would go to a file that no path leads to: it would be gone with the process.
   *
   * @throws AppError `storage_gone`.
   */
  demandInPlace(): void {
    if (this.#identity === null || identityOf(this.#path) === this.#identity) return
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
