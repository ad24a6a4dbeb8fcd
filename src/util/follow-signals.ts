/** A signal that follows others until it is let go. */
export interface FollowingSignal {
  /** Aborts with the first of the others, for its reason. */
  readonly signal: AbortSignal
  /** Follows them no longer. It has to be called in the end, as they hold what follows them. */
  leave(): void
}

/**
 * What `AbortSignal.any` makes, for something that ends long before the signals it follows do: with each of those the other
 * leaves a weak reference and a finaliser for the garbage collector to look through, and it takes two to three times as long.
 */
export function followSignals(others: readonly AbortSignal[]): FollowingSignal {
  const controller = new AbortController()
  const follow = (other: AbortSignal): void => controller.abort(other.reason)
  const onAbort = ({ target }: Event): void => {
    if (target instanceof AbortSignal) follow(target)
  }
  const first = others.find(({ aborted }) => aborted)
  if (first === undefined) {
    for (const other of others) other.addEventListener('abort', onAbort, { once: true })
  } else follow(first)
  return {
    signal: controller.signal,
    leave() {
      for (const other of others) other.removeEventListener('abort', onAbort)
    },
  }
}
