import type { LettaError, UserMessageResponse, WireMessage } from '../../../sdk/src/index.ts'
import type { Output } from '../context.ts'
import { type ResultPlace, toJsonError, toJsonResult } from './json-result.ts'

/** The formats of `--output-format`. */
export const outputFormats = ['text', 'json', 'stream-json'] as const

/** How the answer is written to standard output. */
export type OutputFormat = (typeof outputFormats)[number]

/** Writes one turn in one format. */
export interface TurnWriter {
  /** Called once, when agent and conversation are known. */
  begin(place: Omit<ResultPlace, 'durationMs'>): void
  /** Called for each frame of the wire. */
  frame(frame: WireMessage): void
  /** Called when the turn ended well. */
  succeed(place: ResultPlace, response: UserMessageResponse): void
  /** Called when it did not; the sentence itself goes to standard error elsewhere. */
  fail(place: ResultPlace, error: LettaError): void
}

/** The writer of a format. */
export function createTurnWriter(format: OutputFormat, stdout: Output): TurnWriter {
  switch (format) {
    case 'text':
      return createTextWriter(stdout)
    case 'json':
      return createJsonWriter(stdout)
    case 'stream-json':
      return createLineWriter(stdout)
  }
}

function createTextWriter(stdout: Output): TurnWriter {
  return {
    begin: () => undefined,
    frame: () => undefined,
    succeed: (_place, response) => void stdout.write(`${response[0].text.trimEnd()}\n`),
    fail: () => undefined,
  }
}

function createJsonWriter(stdout: Output): TurnWriter {
  const write = (value: object) => void stdout.write(`${JSON.stringify(value, null, 2)}\n`)
  return {
    begin: () => undefined,
    frame: () => undefined,
    succeed: (place, response) => write(toJsonResult(place, response)),
    fail: (place, error) => write(toJsonError(place, error)),
  }
}

function createLineWriter(stdout: Output): TurnWriter {
  const write = (value: object) => void stdout.write(`${JSON.stringify(value)}\n`)
  return {
    begin: (place) =>
      write({
        type: 'system',
        subtype: 'init',
        agent_id: place.agentId,
        conversation_id: place.conversationId,
        model: place.model,
        ...(place.limited ? { limited: true } : {}),
      }),
    frame: (frame) => {
      if (frame.message_type !== 'ping') write({ type: 'message', ...frame })
    },
    succeed: (place, response) => write(toJsonResult(place, response)),
    fail: (place, error) => write(toJsonError(place, error)),
  }
}
