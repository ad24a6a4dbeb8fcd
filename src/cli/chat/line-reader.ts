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

/** Asks a terminal to mark what is pasted, and to stop doing so. */
const markPastes = '\u001b[?2004h'
const leavePastesUnmarked = '\u001b[?2004l'

/** Reads lines with editing and history. A text that is pasted over several lines is one line with line breaks in it. */
export function createLineReader(options: LineReaderOptions): LineReader {
  const { input, output, prompt } = options
  const reader = createInterface({ input, ...(output === null ? {} : { output }), prompt })
  const waiting: ((line: string | null) => void)[] = []
  const lines: string[] = []
  const state = { isClosed: false }
  const pastes = watchPastes(input)
  const isTerminal = reader.terminal
  if (isTerminal) output?.write(markPastes)
  const dropTyped = (): void => {
    if (reader.line === '') return
    // While nobody waits for a line, a piece of an answer stands on the one that is cleared.
    if (waiting.length === 0) output?.write('\n')
    reader.write(null, { ctrl: true, name: 'e' })
    reader.write(null, { ctrl: true, name: 'u' })
  }
  reader.on('line', (typed) => {
    const line = pastes.complete(typed)
    if (line === null) return
    const resolve = waiting.shift()
    if (resolve === undefined) lines.push(line)
    else resolve(line)
  })
  reader.on('SIGINT', () => {
    pastes.drop()
    dropTyped()
    options.onInterrupt()
  })
  reader.on('close', () => {
    state.isClosed = true
    if (isTerminal) output?.write(leavePastesUnmarked)
    for (const resolve of waiting.splice(0)) resolve(null)
  })
  return {
    next: () => nextLine(reader, { lines, waiting, state }),
    close: () => reader.close(),
  }
}

interface PasteWatch {
  /** The whole text that a line ends, or null while a paste is under way. */
  complete(line: string): string | null
  /** Forgets the lines of a paste that was not sent. */
  drop(): void
}

/** Holds the lines of a paste back until the person presses Enter. */
function watchPastes(input: Readable): PasteWatch {
  const held: string[] = []
  const state = { isPasting: false }
  input.on('keypress', (_text: string | undefined, key: { readonly name?: string }) => {
    if (key.name === 'paste-start') state.isPasting = true
    if (key.name === 'paste-end') state.isPasting = false
  })
  return {
    complete: (line) => {
      held.push(line)
      return state.isPasting ? null : held.splice(0).join('\n')
    },
    drop: () => {
      held.length = 0
    },
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
