import { messageText } from '../domain/message.ts'
import { defaultScope } from '../domain/scope.ts'
import type { RunFrame } from '../runtime/runtime.ts'
import type { TestApp } from './create-test-app.ts'

/** The types of the events of a run, in order. */
export function eventTypes(frames: readonly RunFrame[]): readonly string[] {
  return frames.map((frame) => frame.event.event.type)
}

/** The text of the last message of a run. */
export function lastText(frames: readonly RunFrame[]): string {
  const message = frames.findLast((frame) => frame.message !== null)?.message
  return message === null || message === undefined ? '' : messageText(message)
}

/** What was said to and by an agent, as `role: text`, without system messages. */
export async function readHistory(test: TestApp, agentId: string): Promise<readonly string[]> {
  const messages = await test.app.store.listMessages(defaultScope, {
    agentId,
    limit: 100,
    order: 'asc',
  })
  return messages
    .filter((message) => message.role !== 'system')
    .map((message) => `${message.role}: ${messageText(message)}`)
}
