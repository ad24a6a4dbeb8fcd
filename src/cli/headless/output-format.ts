import type { UserMessageResponse, WireMessage } from '../../../sdk/src/index.ts'
import type { Output } from '../context.ts'
import type { MemoryNotes } from '../session/memory-notes.ts'
import {
  type ResultError,
  type ResultFrame,
  type ResultPlace,
  toJsonError,
  toJsonResult,
  toPlaceFields,
} from './json-result.ts'

/** The formats of `--output-format`. */
export const outputFormats = ['text', 'json', 'stream-json'] as const

/** How the answer is written to standard output. */
export type OutputFormat = (typeof outputFormats)[number]

/** What is looked up after a turn. */
export interface ResultFacts {
  /** The handle that answered, when it is not the one named at the beginning. */
  readonly model?: string
  /** What the turn remembered, changed and forgot. */
  readonly memory?: MemoryNotes
}

/** Writes one turn in one format to standard output, and nothing else. */
export interface TurnWriter {
  /** Whether the result names the model that answered; looking that up may take a request. */
  readonly namesModel: boolean
  /** Called once, when agent and conversation are known. */
  begin(place: ResultPlace): void
  /** Called for each frame of the wire. */
  frame(frame: WireMessage): void
  /** Called when the turn ended well; `found` is what was looked up after it. */
  succeed(response: UserMessageResponse, found?: ResultFacts): void
  /** Called when it did not, or could not begin; the sentence for people goes to standard error elsewhere. */
  fail(error: ResultError): void
}

/** The writer of a format; its time runs from now. */
export function createTurnWriter(format: OutputFormat, stdout: Output): TurnWriter {
  switch (format) {
    case 'text':
      return createTextWriter(stdout)
    case 'json':
      return createJsonWriter({
        write: (value) => void stdout.write(`${JSON.stringify(value, null, 2)}\n`),
        isStream: false,
      })
    case 'stream-json':
      return createJsonWriter({
        write: (value) => void stdout.write(`${JSON.stringify(value)}\n`),
        isStream: true,
      })
  }
}

function createTextWriter(stdout: Output): TurnWriter {
  return {
    namesModel: false,
    begin: () => undefined,
    frame: () => undefined,
    succeed: (response) => void stdout.write(`${response[0].text.trimEnd()}\n`),
    fail: () => undefined,
  }
}

function createJsonWriter(options: {
  readonly write: (value: object) => void
  readonly isStream: boolean
}): TurnWriter {
  const { write, isStream } = options
  const begun = performance.now()
  let place: ResultPlace | null = null
  const toFrame = (): ResultFrame => ({
    place,
    durationMs: Math.round(performance.now() - begun),
  })
  return {
    namesModel: true,
    begin: (known) => {
      place = known
      if (isStream) write({ type: 'system', subtype: 'init', ...toPlaceFields(known) })
    },
    frame: (frame) => {
      if (isStream && frame.message_type !== 'ping') write({ type: 'message', ...frame })
    },
    succeed: (response, { model, memory } = {}) => {
      if (place !== null && model !== undefined) place = { ...place, model }
      write({ ...toJsonResult(toFrame(), response), ...(memory !== undefined && { memory }) })
    },
    fail: (error) => write(toJsonError(toFrame(), error)),
  }
}
