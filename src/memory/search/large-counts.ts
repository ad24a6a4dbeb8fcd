import type { TenantScope } from '../../domain/scope.ts'
import type { TextOwner } from '../../storage/contract/search-store.ts'

/** How many scopes are remembered. */
const usualMost = 1000

/** How many texts there were lately in scopes that have too many to be read, so that they need not be asked for it. */
export class LargeCounts {
  readonly #counts = new Map<string, number>()
  readonly #most: number

  /** Remembers at most `most` scopes; those noted longest ago go first. */
  constructor(most = usualMost) {
    this.#most = most
  }

  /** How many texts an owner had; 0 when it is not known to have too many. */
  of(scope: TenantScope, owner: TextOwner): number {
    return this.#counts.get(toKey(scope, owner)) ?? 0
  }

  /** Remembers how many texts an owner has, if those are more than are read. */
  note(
    scope: TenantScope,
    owner: TextOwner,
    count: { readonly texts: number; readonly most: number },
  ): void {
    const key = toKey(scope, owner)
    this.#counts.delete(key)
    if (count.texts <= count.most) return
    this.#counts.set(key, count.texts)
    for (const oldest of this.#counts.keys()) {
      if (this.#counts.size <= this.#most) break
      this.#counts.delete(oldest)
    }
  }
}

function toKey({ tenantId }: TenantScope, owner: TextOwner): string {
  return JSON.stringify([tenantId, owner])
}
