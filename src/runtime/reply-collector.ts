import type { ContentPart, ToolCall } from '../domain/message.ts'
import type { RunEventBody, TokenUsage } from '../domain/run.ts'
import { callsLeftOut, mostToolCalls } from './reply-limits.ts'
import { type FinishReason, type ModelFailure, type ModelPart, noUsage } from '../llm/model.ts'

/** A model's answer as far as it has come. */
export interface Reply {
  readonly content: readonly ContentPart[]
  readonly toolCalls: readonly ToolCall[]
  readonly usage: TokenUsage
  readonly finish: FinishReason | null
  readonly failure: ModelFailure | null
}

/** Where the parts of an answer go. */
export interface ReplyPlace {
  readonly messageId: string
  /** The message that the calls go to which wait for an answer. */
  readonly requestId: string
  readonly stepId: string
  /** Whether a call of this name waits for an answer. */
  readonly awaitsAnswer: (name: string) => boolean
}

/** Puts the parts of one answer together and names the event each part is in the log. */
export class ReplyCollector {
  readonly #place: ReplyPlace
  /** The calls that wait for an answer, by index. */
  readonly #waiting = new Set<number>()
  readonly #content: ContentPart[] = []
  readonly #toolCalls = new Map<number, ToolCall>()
  /** The calls that have begun, by index: no more than are made. */
  readonly #begun = new Set<number>()
  #hasSurplus = false
  #length = 0
  #open: OpenPart | null = null
  #usage: TokenUsage = noUsage
  #finish: FinishReason | null = null
  #failure: ModelFailure | null = null

  constructor(place: ReplyPlace) {
    this.#place = place
  }

  /** How long the answer is so far, in characters. */
  get length(): number {
    return this.#length
  }

  /** Takes the next part; returns the event that shows it to streaming readers, or null. */
  add(part: ModelPart): RunEventBody | null {
    this.#length += lengthOf(part)
    const { messageId, stepId } = this.#place
    const place = { messageId, stepId }
    switch (part.type) {
      case 'text-delta':
        this.#extend('text', withoutNul(part.text))
        return part.text === ''
          ? null
          : { type: 'text-delta', ...place, text: withoutNul(part.text) }
      case 'reasoning-delta':
        this.#extend('reasoning', withoutNul(part.text))
        if (part.signature !== null) this.#closeReasoning(part.signature)
        return {
          type: 'reasoning-delta',
          ...place,
          text: withoutNul(part.text),
          signature: part.signature,
        }
      case 'reasoning-hidden':
        this.#close()
        this.#content.push({ type: 'redacted_reasoning', data: part.data })
        return null
      case 'tool-call-start':
        if (this.#begun.size === mostToolCalls) return this.#leaveOut(place)
        this.#begun.add(part.index)
        if (this.#place.awaitsAnswer(part.name)) this.#waiting.add(part.index)
        return {
          type: 'tool-call-delta',
          ...this.#placeOfCall(part.index),
          index: part.index,
          callId: part.callId,
          name: part.name,
          argumentsText: '',
        }
      case 'tool-call-delta':
        if (!this.#begun.has(part.index)) return null
        return {
          type: 'tool-call-delta',
          ...this.#placeOfCall(part.index),
          index: part.index,
          callId: null,
          name: null,
          argumentsText: withoutNul(part.argumentsText),
        }
      case 'tool-call-end':
        if (!this.#begun.has(part.index)) return null
        this.#toolCalls.set(part.index, {
          callId: part.callId,
          name: part.name,
          arguments: withoutNul(part.arguments),
        })
        return null
      case 'finish':
        this.#finish = part.reason
        this.#usage = part.usage
        return null
      case 'error':
        this.#failure = part.error
        return null
      default:
        return part satisfies never
    }
  }

  /** The answer so far; complete after the last part. */
  get reply(): Reply {
    const open = this.#open === null ? [] : [closed(this.#open, null)]
    return {
      content: [...this.#content, ...open],
      toolCalls: [...this.#toolCalls.entries()]
        .toSorted(([left], [right]) => left - right)
        .map(([, call]) => call),
      usage: this.#usage,
      finish: this.#finish,
      failure: this.#failure,
    }
  }

  /** Says once that calls are left out. */
  #leaveOut(place: Pick<ReplyPlace, 'messageId' | 'stepId'>): RunEventBody | null {
    if (this.#hasSurplus) return null
    this.#hasSurplus = true
    const text = this.#open?.type === 'text' ? `\n\n${callsLeftOut}` : callsLeftOut
    this.#extend('text', text)
    return { type: 'text-delta', ...place, text }
  }

  #placeOfCall(index: number): { messageId: string; stepId: string; awaitsAnswer?: true } {
    const { messageId, requestId, stepId } = this.#place
    return this.#waiting.has(index)
      ? { messageId: requestId, stepId, awaitsAnswer: true }
      : { messageId, stepId }
  }

  #extend(type: OpenPart['type'], text: string): void {
    if (this.#open?.type === type) {
      this.#open.pieces.push(text)
      return
    }
    if (text === '') return
    this.#close()
    this.#open = { type, pieces: [text] }
  }

  #close(): void {
    if (this.#open === null) return
    this.#content.push(closed(this.#open, null))
    this.#open = null
  }

  /** A signature may come alone: for a block whose text the provider keeps to itself. */
  #closeReasoning(signature: string): void {
    const open =
      this.#open?.type === 'reasoning' ? this.#open : { type: 'reasoning' as const, pieces: [] }
    this.#content.push(closed(open, signature))
    this.#open = null
  }
}

function lengthOf(part: ModelPart): number {
  switch (part.type) {
    case 'text-delta':
      return part.text.length
    case 'reasoning-delta':
      return part.text.length + (part.signature?.length ?? 0)
    case 'reasoning-hidden':
      return part.data?.length ?? 0
    case 'tool-call-start':
      // Also of a call that is left out: an answer of nothing but such calls must end, too.
      return part.callId.length + part.name.length
    case 'tool-call-delta':
      return part.argumentsText.length
    default:
      // The end of a call repeats what its pieces said.
      return 0
  }
}

/** No engine stores NUL. */
function withoutNul(text: string): string {
  return text.includes('\0') ? text.replaceAll('\0', '') : text
}

interface OpenPart {
  readonly type: 'text' | 'reasoning'
  readonly pieces: string[]
}

function closed(part: OpenPart, signature: string | null): ContentPart {
  const text = part.pieces.join('')
  return part.type === 'text' ? { type: 'text', text } : { type: 'reasoning', text, signature }
}
