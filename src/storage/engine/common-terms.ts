/** Terms that are known to be common in their scope, with the state of the scope that this is true of. */
export interface CommonKeys {
  /** How often something of the scope was removed; -1 when nothing is known of it. */
  readonly removed: number
  /** The keys of the terms. */
  readonly keys: readonly string[]
}

/** What is known of one scope's terms, as long as nothing of it is removed. */
interface KnownScope {
  readonly removed: number
  readonly keys: ReadonlySet<string>
}

/** How many terms of all scopes are remembered: about a megabyte. */
const usualMost = 10_000

/**
 * The terms that stand in more texts of their scope than are counted, as one process has seen them. A scope that only
 * grows leaves them so, so they need not be counted for each search; a removal makes all of the scope unknown.
 */
export class CommonTerms {
  readonly #scopes = new Map<string, KnownScope>()
  readonly #most: number
  #size = 0

  /** Remembers at most `most` terms; those of the scope that was learnt about longest ago go first. */
  constructor(most = usualMost) {
    this.#most = most
  }

  /** How many terms are remembered. */
  get size(): number {
    return this.#size
  }

  /** Those of some keys that are known to be common. */
  known(scopeToken: string, keys: readonly string[]): CommonKeys {
    const scope = this.#scopes.get(scopeToken)
    if (scope === undefined) return { removed: -1, keys: [] }
    return { removed: scope.removed, keys: keys.filter((key) => scope.keys.has(key)) }
  }

  /** Remembers that terms were seen to be common in a state of a scope. */
  learn(scopeToken: string, { removed, keys }: CommonKeys): void {
    if (keys.length === 0) return
    const before = this.#scopes.get(scopeToken)
    const held = before?.removed === removed ? before.keys : []
    this.#drop(scopeToken)
    const learnt = { removed, keys: new Set([...held, ...keys]) }
    this.#scopes.set(scopeToken, learnt)
    this.#size += learnt.keys.size
    for (const oldest of this.#scopes.keys()) {
      if (this.#size <= this.#most) break
      this.#drop(oldest)
    }
  }

  #drop(scopeToken: string): void {
    this.#size -= this.#scopes.get(scopeToken)?.keys.size ?? 0
    this.#scopes.delete(scopeToken)
  }
}
