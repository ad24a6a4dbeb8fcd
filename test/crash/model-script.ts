import type { FakeReply, FakeScript } from '../../src/testing/fake-provider.ts'
import { markOf } from './check-observation.ts'

/** How long the model takes for each piece of an answer, in milliseconds: long enough for a kill to come in between. */
const chunkDelayMs = 8

/**
 * What the model does with a message: words alone, a call that may not be repeated, one that may, an edit, two at once, or
 * a call that somebody has to allow.
 */
export const tasks = ['TALK', 'ONCE', 'AGAIN', 'REMEMBER', 'BOTH', 'GUARDED'] as const

/** A model that does what the newest message of the user says, and answers when it has the returns. */
export function createModelScript(): FakeScript {
  return ({ messages }) => {
    const asked = messages.findLast(({ role }) => role === 'user')
    const text = typeof asked?.content === 'string' ? asked.content : JSON.stringify(asked?.content)
    const hasReturns = messages.at(-1)?.role === 'tool'
    return { chunkDelayMs, ...(hasReturns ? toAnswer(text) : toFirstReply(text)) }
  }
}

function toFirstReply(text: string): FakeReply {
  const mark = markOf(text)
  const once = { name: 'act_once', arguments: { mark } }
  const again = { name: 'act_again', arguments: { mark } }
  const remember = {
    name: 'core_memory_append',
    arguments: { label: 'human', content: `Told ${mark}.` },
  }
  if (text.startsWith('ONCE')) return { toolCalls: [once] }
  if (text.startsWith('AGAIN')) return { toolCalls: [again] }
  if (text.startsWith('REMEMBER')) return { toolCalls: [remember] }
  if (text.startsWith('GUARDED')) {
    return { toolCalls: [{ name: 'act_guarded', arguments: { mark } }] }
  }
  if (text.startsWith('BOTH')) return { toolCalls: [once, again] }
  return toAnswer(text)
}

function toAnswer(text: string): FakeReply {
  return { text: `I have thought about what you said for a while. Done with ${markOf(text)}.` }
}

/** The operator's tools of the test as a module: each writes a line to a file, and takes a moment. */
export const toolModule = `
import { appendFileSync } from 'node:fs'
const make = (name, kind, replay, requiresApproval = false) => ({
  name, replay, requiresApproval, parallel: true, description: 'Acts outside.',
  parameters: { type: 'object', properties: { mark: { type: 'string' } }, required: ['mark'] },
  run: async ({ mark }) => {
    await new Promise((resolve) => setTimeout(resolve, 20))
    appendFileSync(process.env.EFFECTS, kind + ' ' + mark + '\\n')
    await new Promise((resolve) => setTimeout(resolve, 20))
    return 'acted'
  },
})
export default [
  make('act_once', 'once', 'once'),
  make('act_again', 'again', 'idempotent'),
  make('act_guarded', 'guarded', 'once', true),
]
`
