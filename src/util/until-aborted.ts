/**
 * The items of a source up to its end, or up to the moment the signal aborts: whoever stops listening to a provider does
 * not wait for it to notice.
 */
export async function* untilAborted<Item>(
  source: AsyncIterable<Item>,
  signal: AbortSignal,
): AsyncGenerator<Item, void, undefined> {
  const items = source[Symbol.asyncIterator]()
  const aborted = Promise.withResolvers<null>()
  const onAbort = (): void => aborted.resolve(null)
  signal.addEventListener('abort', onAbort, { once: true })
  if (signal.aborted) onAbort()
  try {
    while (true) {
      const item = await Promise.race([items.next(), aborted.promise])
      if (item === null || item.done === true) return
      yield item.value
    }
  } finally {
    signal.removeEventListener('abort', onAbort)
    // It ends in its own time, and nobody is there to hear how.
    if (signal.aborted) items.return?.().catch(() => undefined)
  }
}
