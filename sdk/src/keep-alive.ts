/** The longest delay a timer takes. */
const longestDelayMs = 2_147_483_647

/**
 * A fetch that keeps the process running while a request is under way or its body is being read, and not longer.
 *
 * The product in the process holds nothing that would: a script ends by itself without closing the client.
 */
export function keepAliveWhileBusy(fetch: typeof globalThis.fetch): typeof globalThis.fetch {
  return async (input, init) => {
    const release = holdProcess()
    try {
      const response = await fetch(input, init)
      if (response.body !== null) {
        return withBody(response, { body: response.body, release, signal: init?.signal ?? null })
      }
      release()
      return response
    } catch (error) {
      release()
      throw error
    }
  }
}

/** Keeps the process running until the returned function is called. */
export function holdProcess(): () => void {
  const timer = setInterval(() => undefined, longestDelayMs)
  return () => clearInterval(timer)
}

/** What becomes of a body. */
interface WatchedBody {
  readonly body: ReadableStream<Uint8Array<ArrayBuffer>>
  /** Called once, when nothing more will be read. */
  readonly release: () => void
  /** Breaks the body off, as it does with a body that comes over a network. */
  readonly signal: AbortSignal | null
}

function withBody(response: Response, { body, release, signal }: WatchedBody): Response {
  const reader = body.getReader()
  const aborts = new AbortController()
  const finish = () => {
    release()
    aborts.abort()
  }
  const watched = new ReadableStream<Uint8Array<ArrayBuffer>>({
    start(controller) {
      signal?.addEventListener(
        'abort',
        () => {
          finish()
          controller.error(signal.reason)
          reader.cancel(signal.reason).catch(() => undefined)
        },
        { once: true, signal: aborts.signal },
      )
    },
    async pull(controller) {
      try {
        const { done, value } = await reader.read()
        if (signal?.aborted === true) return
        if (!done) {
          controller.enqueue(value)
          return
        }
        finish()
        controller.close()
      } catch (error) {
        finish()
        controller.error(error)
      }
    },
    async cancel(reason) {
      finish()
      await reader.cancel(reason)
    },
  })
  const { status, statusText, headers } = response
  return new Response(watched, { status, statusText, headers })
}
