import { z } from 'zod'
import type { ScriptedStep } from '../../src/testing/scripted-model.ts'
import type { ActionTool, Tool } from '../../src/tools/tool.ts'
import type { LanguageModel, ModelRequest } from '../../src/llm/model.ts'
import type { SeededRandom } from './random.ts'

/** What happened outside the database, across all lives of the process. */
export interface OutsideWorld {
  /** How often each letter was sent, by its text. */
  readonly letters: Map<string, number>
}

/** The tool whose calls have to be allowed, and the one that the caller runs. */
export const signTool = 'sign_letter'
export const paperTool = 'fetch_paper'

/** Makes a call that may go wrong. */
export type RiskyCall = <Result>(name: string, run: () => Promise<Result>) => Promise<Result>

/** Tools with an effect outside the database: two that may not be repeated, one that may. */
export function createWorldTools(world: OutsideWorld, call: RiskyCall): readonly Tool[] {
  return [
    letterTool('send_letter', 'once', (key) => call('send_letter', () => deliver(world, key))),
    letterTool(signTool, 'once', (key) => call(signTool, () => deliver(world, key))),
    letterTool('post_note', 'idempotent', (key) => call('post_note', () => deliver(world, key))),
  ]
}

function deliver(world: OutsideWorld, key: string): Promise<void> {
  world.letters.set(key, (world.letters.get(key) ?? 0) + 1)
  return Promise.resolve()
}

function letterTool(
  name: string,
  replay: ActionTool<unknown>['replay'],
  send: (key: string) => Promise<void>,
): ActionTool<{ text: string }> {
  return {
    kind: 'action',
    name,
    description: 'Sends a text.',
    parameters: z.object({ text: z.string() }),
    tags: [],
    toolType: 'custom',
    parallel: false,
    returnLimit: 10_000,
    replay,
    quotesMemory: false,
    run: async ({ text }) => {
      await send(`${name}: ${text}`)
      return { text: `Sent ${text}.` }
    },
  }
}

/**
 * A model that does what the user's text says: `remember X` appends X to the shared block, `send X` and `post X` call the
 * tools, `rest X` waits for two seconds, `await X` for a signal named X, several at once when joined by ` and `; then it
 * answers. Sometimes it fails or breaks off.
 */
export function createObedientModel(random: SeededRandom): ScriptedStep {
  return (request) => {
    const failure = random.next()
    if (failure < 0.04) return { failure: { code: 'llm_rate_limit', retryable: true } }
    if (failure < 0.08)
      return { text: 'Half a', failure: { code: 'llm_stream_cut', retryable: true } }
    if (request.tools.length === 0) return { text: 'They spoke of subjects.' }
    const more = request.system.includes(talkative) ? chatter : ''
    const last = request.messages.at(-1)
    if (last?.role === 'tool') return { text: ['Done ', `with it.${more}`] }
    const toolCalls = wishes(lastUserText(request))
    return toolCalls.length > 0 ? { toolCalls } : { text: `Hello.${more}` }
  }
}

/** The system text of an agent whose answers are so long that its window fills within a history. */
export const talkative = 'You are talkative.'
const chatter = ' And so on.'.repeat(120)

function wishes(text: string): { name: string; arguments: object }[] {
  return text.split(' and ').flatMap((part): readonly { name: string; arguments: object }[] => {
    const [verb, ...words] = part.split(' ')
    const rest = words.join(' ')
    if (verb === 'remember') {
      return [{ name: 'core_memory_append', arguments: { label: 'human', content: rest } }]
    }
    if (verb === 'keep') return [{ name: 'archival_memory_insert', arguments: { content: rest } }]
    if (verb === 'send') return [{ name: 'send_letter', arguments: { text: rest } }]
    if (verb === 'sign') return [{ name: signTool, arguments: { text: rest } }]
    if (verb === 'fetch') return [{ name: paperTool, arguments: { text: rest } }]
    if (verb === 'post') return [{ name: 'post_note', arguments: { text: rest } }]
    if (verb === 'rest') return [{ name: 'wait', arguments: { seconds: restSeconds } }]
    if (verb === 'await') return [{ name: 'wait', arguments: { signal: rest } }]
    return []
  })
}

/** How long an agent rests that is told to. */
export const restSeconds = 2

/** A model each of whose calls may go wrong. */
export function atRisk(model: LanguageModel, call: RiskyCall): LanguageModel {
  return {
    ...model,
    async *stream(request) {
      try {
        await call('model', () => Promise.resolve())
      } catch (error) {
        const failure = { code: 'llm_error', message: String(error), detail: '' } as const
        yield { type: 'error', error: { ...failure, retryable: false, retryAfterMs: null } }
        return
      }
      yield* model.stream(request)
    },
  }
}

function lastUserText(request: ModelRequest): string {
  const message = request.messages.findLast(({ role }) => role === 'user')
  if (message?.role !== 'user') return ''
  return message.content.map((part) => (part.type === 'text' ? part.text : '')).join('')
}

/** Texts for users to send; every subject is unique, so that its effects can be counted. */
export function createWorkload(random: SeededRandom, count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => {
    const subject = `subject-${index}`
    return random.pick([
      'hello there',
      `remember ${subject}`,
      `keep ${subject}`,
      `send ${subject}`,
      `post ${subject}`,
      `sign ${subject}`,
      `remember ${subject} and sign ${subject} and fetch ${subject}`,
      `rest ${subject} and remember ${subject}`,
      `await ${subject}`,
      `await ${subject} and send ${subject}`,
      `remember ${subject} and send ${subject}`,
      `post ${subject} and remember ${subject} and keep ${subject}`,
    ])
  })
}
