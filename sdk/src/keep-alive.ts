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
      if (response.body !== null) return withBody(response, response.body, release)
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

function withBody(
  response: Response,
  body: ReadableStream<Uint8Array<ArrayBuffer>>,
  release: () => void,
): Response {
  const reader = body.getReader()
  const watched = new ReadableStream<Uint8Array<ArrayBuffer>>({
    async pull(controller) {
      try {
        const { done, value } = await reader.read()
        if (!done) {
          controller.enqueue(value)
          return
        }
        release()
        controller.close()
      } catch (error) {
        release()
        controller.error(error)
      }
    },
    async cancel(reason) {
      release()
      await reader.cancel(reason)
    },
  })
  const { status, statusText, headers } = response
  return new Response(watched, { status, statusText, headers })
}
