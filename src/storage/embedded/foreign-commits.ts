/** Tells whether other processes have committed. */
export interface ForeignCommits {
  /** Begins to look: what was committed before is not asked about. */
  mark(): void
  /**
   * Whether another process may have committed since it was asked last. True also when that cannot be told: whoever wants
   * to know then looks, and meets what is wrong.
   */
  haveCome(): boolean | Promise<boolean>
  /** Lets go of what looking needs. */
  close(): void
}

/** Compares a number that changes whenever others commit, as `PRAGMA data_version` does; it may throw. */
export function foreignCommits(
  version: () => number,
  close = (): void => undefined,
): ForeignCommits {
  let seen: number | null = null
  const read = (): number | null => {
    try {
      return version()
    } catch {
      return null
    }
  }
  return {
    mark() {
      seen = read()
    },
    haveCome() {
      const before = seen
      seen = read()
      return seen === null || seen !== before
    },
    close,
  }
}

/**
 * Looks with a connection that sees all commits, and asks the one that writes for this process only when there were any:
 * its number stays the same for its own commits, so that a busy process is not told of itself.
 */
export function foreignCommitsBesideOwn(
  all: ForeignCommits,
  askWriter: () => Promise<number>,
): ForeignCommits {
  let seen: number | null = null
  return {
    mark: () => all.mark(),
    async haveCome() {
      if (!(await all.haveCome())) return false
      const before = seen
      seen = await askWriter().catch(() => null)
      return seen === null || seen !== before
    },
    close: () => all.close(),
  }
}
