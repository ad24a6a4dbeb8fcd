import type { Message } from '../domain/message.ts'
import { quoteAsData } from '../memory/quote.ts'
import { clipMiddle } from '../memory/clip-text.ts'

/** How much of a tool's return and of a call's arguments the summariser reads, in characters. */
const returnLimit = 5000
const argumentsLimit = 1000

/** A conversation as the summariser reads it: one entry a message, dated, quoted so that nothing in it can pose as a tag. */
export function writeTranscript(messages: readonly Message[]): readonly string[] {
  return messages.flatMap((message) => {
    const parts = describeMessage(message)
    if (parts.length === 0) return []
    return [`[${toMinute(message.createdAt)}] ${quoteAsData(parts.join('\n'))}`]
  })
}

function describeMessage(message: Message): readonly string[] {
  const speaker = message.name ?? message.role
  const said = message.content.flatMap((part) => {
    if (part.type === 'text') return [`${speaker}: ${part.text}`]
    return part.type === 'image' ? [`${speaker}: [a picture]`] : []
  })
  const calls = message.toolCalls.map(
    (call) => `${message.role} called ${call.name}(${clipMiddle(call.arguments, argumentsLimit)})`,
  )
  const returns = message.toolReturns.map((result) => {
    const how = result.status === 'error' ? 'failed' : 'returned'
    return `${result.name} ${how}: ${clipMiddle(result.text, returnLimit)}`
  })
  const answers = message.approvals.flatMap((answer) =>
    answer.kind === 'approval'
      ? [`user ${answer.approve ? 'allowed' : 'refused'} the call ${answer.callId}`]
      : [],
  )
  return [...said, ...calls, ...returns, ...answers]
}

/** Like `2026-11-22 12:00`. */
export function toMinute(time: number): string {
  return new Date(time).toISOString().slice(0, 16).replace('T', ' ')
}
