import { defaultScope } from '../../src/domain/scope.ts'
import { summaryOf } from '../../src/domain/message.ts'
import type { Agent } from '../../src/domain/agent.ts'
import { countTokens } from '../../src/llm/count-tokens.ts'
import type { ModelMessage, ModelRequest } from '../../src/llm/model.ts'
import { createAgentSearch } from '../../src/memory/search/create-agent-search.ts'
import { createTestApp, type TestApp } from '../../src/testing/create-test-app.ts'
import { createScriptedModel } from '../../src/testing/scripted-model.ts'
import { replyTo, type LongTalk, type ToldFact } from './long-talk.ts'

/** What a long talk came to. */
export interface HeldTalk {
  /** Estimated tokens of the request of each turn, in order. */
  readonly tokens: readonly number[]
  /** What a request may have. */
  readonly limit: number
  /** Of these, how many a provider has not just read: what follows the common beginning with the request before. */
  readonly fresh: readonly number[]
  /** Of consecutive requests between compactions: the common part of their bytes, as a share of the shorter one. */
  readonly commonShares: readonly number[]
  /** How many requests began anew because the view had been compacted. */
  readonly compactions: number
  /** Of these, how many had no summary by the model. */
  readonly digests: number
  /** Tokens that the summariser read, and how often it was asked. */
  readonly summaryTokens: number
  readonly summaryCalls: number
  /** Runs that did not end well. */
  readonly failures: readonly string[]
  /** Facts by how they are found again: in what the model is sent for the question, or by the search tool. */
  readonly sent: number
  readonly found: number
  readonly lost: readonly ToldFact[]
  /** Tokens of everything that was said up to a turn, with the history before, as a request with all of it would have. */
  readonly history: readonly number[]
  /** Tokens that are there before anything is said: system text and tools. */
  readonly fixed: number
}

/** How a talk is held. */
export interface TalkOptions {
  readonly window: number
  /** Talk that the agent is given as a history before, in a conversation of its own. Default: none. */
  readonly before?: LongTalk
  /** The most facts that are asked for in the end. Default: all. */
  readonly questions?: number
  readonly onTurn?: (turn: number) => void
}

/** What a provider adds around each message, in tokens. */
const aroundMessage = 8

/** A whole app in this process that is told everything, turn by turn, and asked for every fact in the end. */
export async function holdTalk(talk: LongTalk, options: TalkOptions): Promise<HeldTalk> {
  const said: ModelRequest[] = []
  let summaryTokens = 0
  let summaryCalls = 0
  let turn = 0
  const model = createScriptedModel({
    otherwise: (request) => {
      if (request.tools.length === 0) {
        summaryCalls += 1
        summaryTokens += countTokens(serialise(request))
        return { text: `They told me about their days, up to part ${summaryCalls}.` }
      }
      said.push(request)
      return { text: replyTo(turn) }
    },
  })
  await using test = await createTestApp({ models: [model] })
  const agent = await test.createAgent({ contextWindow: options.window })
  await bringIn(test, agent, options.before?.says ?? [])
  const failures: string[] = []
  const say = async (text: string): Promise<ModelRequest> => {
    const frames = await test.ask(agent, text)
    await test.clock.advance(60_000)
    const end = frames.at(-1)?.event.event
    if (end?.type !== 'run-ended' || end.error !== null) failures.push(JSON.stringify(end))
    return said.at(-1) ?? fail(`${text}: ${failures.at(-1)}`)
  }
  const progress = createProgress()
  const tokens: number[] = []
  const history: number[] = []
  let fixed = 0
  let sum = tokensOf(options.before?.says ?? [])
  for (const text of talk.says) {
    const request = await say(text)
    if (turn === 0) fixed = countTokens(request.system) + countTokens(JSON.stringify(request.tools))
    sum += countTokens(text) + countTokens(replyTo(turn)) + 2 * aroundMessage
    history.push(fixed + sum)
    tokens.push(sizeOf(request))
    progress.add(request)
    turn += 1
    options.onTurn?.(turn)
    // The requests themselves are not needed any more.
    said.length = 0
  }
  const recalled = await recallFacts(talk.facts.slice(0, options.questions), { test, agent, say })
  const summaries = await listSummaries(test, agent)
  return {
    tokens,
    limit: options.window - Math.min(4096, Math.floor(options.window / 4)),
    ...progress.result(),
    compactions: summaries.length,
    digests: summaries.filter(({ method }) => method === 'digest').length,
    summaryTokens,
    summaryCalls,
    failures,
    ...recalled,
    history,
    fixed,
  }
}

function fail(text: string): never {
  throw new Error(`No call was made for ${text}`)
}

function serialise({ system, tools, messages }: ModelRequest): string {
  return JSON.stringify([system, tools, messages])
}

/** As the product counts: the texts, the schemas, and what a provider adds around each message. */
function sizeOf({ system, tools, messages }: ModelRequest): number {
  const fixed = countTokens(system) + countTokens(JSON.stringify(tools))
  return messages.reduce(
    (sum, message) => sum + countTokens(textOf(message)) + aroundMessage,
    fixed,
  )
}

/** Tokens of all that was said, with the replies. */
function tokensOf(says: readonly string[]): number {
  const exchange = (text: string, turn: number): number =>
    countTokens(text) + countTokens(replyTo(turn)) + 2 * aroundMessage
  return says.reduce((sum, text, turn) => sum + exchange(text, turn), 0)
}

function textOf(message: ModelMessage): string {
  if (message.role === 'tool') return message.returns.map(({ text }) => text).join('')
  return message.content.map((part) => ('text' in part ? part.text : '')).join('')
}

/** Compares each request with the one before. */
function createProgress(): {
  add(request: ModelRequest): void
  result(): Pick<HeldTalk, 'commonShares' | 'fresh'>
} {
  const commonShares: number[] = []
  const fresh: number[] = []
  let before = ''
  let summary = ''
  return {
    add(request) {
      const text = serialise(request).slice(0, -2)
      const [first] = request.messages
      const begins = JSON.stringify(first).includes('<summary id=') ? JSON.stringify(first) : ''
      const common = commonLength(before, text)
      fresh.push(Math.round(sizeOf(request) * (1 - common / text.length)))
      if (before !== '' && begins === summary) {
        commonShares.push(common / Math.min(before.length, text.length))
      }
      before = text
      summary = begins
    },
    result: () => ({ commonShares, fresh }),
  }
}

function commonLength(left: string, right: string): number {
  const shorter = Math.min(left.length, right.length)
  let length = 0
  while (length < shorter && left.charCodeAt(length) === right.charCodeAt(length)) length += 1
  return length
}

/** Gives an agent a history, a minute from message to message. */
async function bringIn({ app }: TestApp, agent: Agent, says: readonly string[]): Promise<void> {
  const batch = 500
  const begin = app.clock.now() - says.length * 120_000
  let importId: string | null = null
  for (let start = 0; start < says.length; start += batch) {
    const messages = says.slice(start, start + batch).flatMap((text, index) => {
      const createdAt = begin + (start + index) * 120_000
      return [
        { role: 'user' as const, text, createdAt },
        { role: 'assistant' as const, text: replyTo(start + index), createdAt: createdAt + 60_000 },
      ].map((each) => ({ ...each, name: null, otid: null, session: null }))
    })
    const draft = { messages, importId }
    const stored = await app.services.imports.importMessages(defaultScope, agent.id, draft)
    importId = stored.importId
  }
}

async function recallFacts(
  facts: readonly ToldFact[],
  {
    test,
    agent,
    say,
  }: { test: TestApp; agent: Agent; say: (text: string) => Promise<ModelRequest> },
): Promise<Pick<HeldTalk, 'sent' | 'found' | 'lost'>> {
  let sent = 0
  let found = 0
  const lost: ToldFact[] = []
  for (const fact of facts) {
    const request = await say(fact.question)
    const isSent = JSON.stringify(request.messages).includes(fact.answer)
    const search = createAgentSearch({
      store: test.app.store,
      scope: defaultScope,
      agentId: agent.id,
      timezone: 'UTC',
      now: test.clock.now(),
    })
    const query = { text: fact.question, roles: [], from: null, until: null, excludeIds: [] }
    const { hits } = await search.messages({ ...query, limit: 5, distinct: true })
    const isFound = hits.some(({ item }) => JSON.stringify(item.content).includes(fact.answer))
    if (isSent) sent += 1
    if (isFound) found += 1
    if (!isSent && !isFound) lost.push(fact)
  }
  return { sent, found, lost }
}

async function listSummaries(
  { app }: TestApp,
  agent: Agent,
): Promise<readonly { readonly method: string }[]> {
  const query = {
    agentId: agent.id,
    roles: ['summary'] as const,
    limit: 10_000,
    order: 'asc',
  } as const
  const messages = await app.store.listMessages(defaultScope, query)
  return messages.flatMap((message) => summaryOf(message)?.facts ?? [])
}
