import { createInterface, type Interface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'

/** Lines of a terminal, one by one; those typed while nobody waits are kept in order. */
export interface LineReader {
  /** Shows the prompt and waits for the next line; null at the end of the input or after {@link LineReader.close}. */
  next(): Promise<string | null>
  /** Stops reading. */
  close(): void
}

/** What a reader needs. */
export interface LineReaderOptions {
  readonly input: Readable
  /** Where the line being typed is shown; null = nowhere. */
  readonly output: Writable | null
  readonly prompt: string
  /** Called at Ctrl-C. */
  readonly onInterrupt: () => void
}

/** Reads lines with editing and history. */
export function createLineReader(options: LineReaderOptions): LineReader {
  const { input, output, prompt } = options
  const reader = createInterface({ input, ...(output === null ? {} : { output }), prompt })
  const waiting: ((line: string | null) => void)[] = []
  const lines: string[] = []
  const state = { isClosed: false }
  reader.on('line', (line) => {
    const resolve = waiting.shift()
    if (resolve === undefined) lines.push(line)
    else resolve(line)
  })
  reader.on('SIGINT', options.onInterrupt)
  reader.on('close', () => {
    state.isClosed = true
    for (const resolve of waiting.splice(0)) resolve(null)
  })
  return {
    next: () => nextLine(reader, { lines, waiting, state }),
    close: () => reader.close(),
  }
}

interface LineState {
  readonly lines: string[]
  readonly waiting: ((line: string | null) => void)[]
  readonly state: { readonly isClosed: boolean }
}

function nextLine(reader: Interface, { lines, waiting, state }: LineState): Promise<string | null> {
  const line = lines.shift()
  if (line !== undefined) return Promise.resolve(line)
  if (state.isClosed) return Promise.resolve(null)
  reader.prompt()
  return new Promise((resolve) => waiting.push(resolve))
}
