import { afterEach, beforeEach } from 'vitest'

const methods = ['debug', 'dir', 'error', 'info', 'log', 'table', 'trace', 'warn'] as const

let printed: string[] = []
let restore: (() => void) | undefined

beforeEach(() => {
  printed = []
  restore = catchPrinting((text) => printed.push(text))
})

afterEach(() => {
  restore?.()
  restore = undefined
  if (printed.length === 0) return
  throw new Error(
    `Cannot accept a test that prints: it wrote ${JSON.stringify(printed)}. Pass a stream or a logger and look at what it got.`,
  )
})

/** Sends console and process output to `record` until the returned function is called. */
function catchPrinting(record: (text: string) => void): () => void {
  const undo = methods.map((method) => {
    const original = console[method]
    console[method] = (...values: unknown[]) =>
      record(`console.${method}: ${values.map(String).join(' ')}`)
    return () => {
      console[method] = original
    }
  })
  for (const stream of [process.stdout, process.stderr]) {
    const original = stream.write
    stream.write = (chunk: unknown) => {
      record(`fd ${stream.fd}: ${String(chunk)}`)
      return true
    }
    undo.push(() => {
      stream.write = original
    })
  }
  return () => undo.forEach((step) => step())
}
