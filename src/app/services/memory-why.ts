import { type Fact, factText } from '../../domain/fact.ts'
import type { Message } from '../../domain/message.ts'
import type { RunEvent } from '../../domain/run.ts'
import type { TenantScope } from '../../domain/scope.ts'
import { AppError } from '../../errors/app-error.ts'
import { analyse } from '../../memory/analysis/analyse.ts'
import { readAll, readPages } from '../../util/read-pages.ts'
import type { AppParts } from '../app-parts.ts'
import { blameItem } from './memory-history.ts'
import type { BlameEntry } from './memory-views.ts'
import { readInView } from './why-in-view.ts'
import { type FoundSource, sourceIdsIn, textOf } from './found-source.ts'

/** An answer, by the run that gave it or by a message of that run. */
export type WhichAnswer = { readonly runId: string } | { readonly messageId: string }

/** What an answer rests on, as far as it can be told from what is stored. */
export interface AnswerReasons {
  readonly runId: string
  readonly answer: string
  /** Messages, texts of the archive and facts that were recalled for the turn or that its tools returned. */
  readonly found: readonly FoundSource[]
  /** What was in the conversation already and shares words with the answer, most alike first. */
  readonly inView: readonly FoundSource[]
  /** Lines of core memory, and facts as they were known then, that share words with the answer, most alike first. */
  readonly remembered: readonly (BlameEntry & { readonly label: string })[]
}

/** The most sources of each kind. */
const shownSources = 20
const shownLines = 5
/** How much of what happened in a run is read at a time by default. */
const defaultPageSize = 1000

/** What answers are explained from. */
interface AnswerSource extends Pick<AppParts, 'store'> {
  /** How many messages or events are read at a time. Default: 1000. */
  readonly pageSize?: number
}

/** Walks from the answer of a run to what its tools found and what memory says of it. */
export async function explainAnswer(
  parts: AnswerSource,
  scope: TenantScope,
  given: {
    readonly agentId: string
    readonly which: WhichAnswer
  },
): Promise<AnswerReasons> {
  const { store } = parts
  const { agentId, which } = given
  const runId = 'runId' in which ? which.runId : await runOfMessage(parts, scope, which.messageId)
  const messages = await readMessages(parts, scope, { agentId, runId })
  if (messages.length === 0) {
    throw new AppError(
      'not_found',
      `Cannot find the answer of ${runId}: this agent has no messages of such a run. Check the id.`,
    )
  }
  const said = messages.findLast(({ role }) => role === 'assistant') ?? null
  const answer = textOf(said)
  const at = (said ?? messages.at(-1))?.createdAt ?? 0
  const ids = await foundIds(parts, scope, { runId, messages })
  const [found, passages, facts] = await Promise.all([
    store.getMessages(scope, { ids }),
    store.getPassages(scope, { ids }),
    store.listFacts(scope, { agentId, ids, knownAt: at, limit: shownSources }),
  ])
  return {
    runId,
    answer,
    found: [
      ...found.map((message) => ({ kind: 'message', message }) as const),
      ...passages.map((passage) => ({ kind: 'passage', passage }) as const),
      ...facts.map((fact) => ({ kind: 'fact', fact }) as const),
    ],
    inView: await readInView(parts, scope, {
      agentId,
      own: messages,
      answer,
      found: new Set(ids),
    }),
    remembered: await rememberedLines(parts, scope, { agentId, answer, at, found: facts }),
  }
}

async function runOfMessage(
  { store }: Pick<AppParts, 'store'>,
  scope: TenantScope,
  id: string,
): Promise<string> {
  const [message] = await store.getMessages(scope, { ids: [id] })
  const runId = message?.runId ?? null
  if (runId !== null) return runId
  throw new AppError(
    'not_found',
    `Cannot find the answer ${id}: it is no message of a run. Give the id of a run or of an answer.`,
  )
}

/** All messages of a run, in order. */
async function readMessages(
  { store, pageSize: limit = defaultPageSize }: AnswerSource,
  scope: TenantScope,
  run: { readonly agentId: string; readonly runId: string },
): Promise<readonly Message[]> {
  return await readAll<Message>({
    limit,
    read: async (last) => {
      const place = last === undefined ? {} : { after: last.id }
      return await store.listMessages(scope, { ...run, ...place, limit, order: 'asc' })
    },
  })
}

/** The identifiers of what the log of a run says was recalled for it and shown, in order. */
async function recalledIds(
  { store, pageSize: limit = defaultPageSize }: AnswerSource,
  scope: TenantScope,
  runId: string,
): Promise<readonly string[]> {
  const ids: string[] = []
  const pages = readPages<RunEvent>({
    limit,
    read: async (last) =>
      await store.listEvents(scope, { runId, after: last?.sequence ?? 0, limit }),
  })
  for await (const page of pages) {
    for (const { event } of page) {
      if (event.type !== 'prompt-sent') continue
      for (const { id, verdict } of event.trace.recall ?? []) if (verdict === 'shown') ids.push(id)
    }
  }
  return ids
}

/** The identifiers of what was recalled for a run and of what its tool returns name, in order, without those of the run itself. */
async function foundIds(
  parts: AnswerSource,
  scope: TenantScope,
  { runId, messages }: { readonly runId: string; readonly messages: readonly Message[] },
): Promise<readonly string[]> {
  const own = new Set(messages.map(({ id }) => id))
  const recalled = await recalledIds(parts, scope, runId)
  const texts = messages.flatMap(({ toolReturns }) => toolReturns.map(({ text }) => text))
  return [...new Set([...recalled, ...sourceIdsIn(texts)])]
    .filter((id) => !own.has(id))
    .slice(0, shownSources)
}

async function rememberedLines(
  parts: Pick<AppParts, 'store'>,
  scope: TenantScope,
  given: {
    readonly agentId: string
    readonly answer: string
    readonly at: number
    readonly found: readonly Fact[]
  },
): Promise<AnswerReasons['remembered']> {
  const { agentId, answer } = given
  const wanted = new Set(analyse(answer))
  const known = await rememberedFacts(parts, scope, { ...given, wanted })
  const blocks = await parts.store.listAgentBlocks(scope, { agentId })
  const scored = await Promise.all(
    blocks.map(async ({ id, label }) => {
      const entries = await blameItem(parts, scope, { agentId, item: id })
      return entries.map((entry) => ({
        ...entry,
        label,
        common: new Set(analyse(entry.line)).intersection(wanted).size,
      }))
    }),
  )
  return [...known, ...scored.flat()]
    .filter(({ common }) => common > 0)
    .toSorted((left, right) => right.common - left.common)
    .slice(0, shownLines)
    .map(({ common: _common, ...entry }) => entry)
}

/** Facts that were known and true when an answer was given and share words with it, with the words they come from. */
async function rememberedFacts(
  { store }: Pick<AppParts, 'store'>,
  scope: TenantScope,
  given: {
    readonly agentId: string
    readonly at: number
    readonly found: readonly Fact[]
    readonly wanted: ReadonlySet<string>
  },
): Promise<readonly (AnswerReasons['remembered'][number] & { readonly common: number })[]> {
  const { agentId, at, found, wanted } = given
  const told = new Set(found.map(({ id }) => id))
  const limit = Number.MAX_SAFE_INTEGER
  const query = { agentId, validAt: at, knownAt: at, order: 'known', limit } as const
  const facts = await store.listFacts(scope, query)
  const alike = facts
    .map((fact) => ({ fact, common: new Set(analyse(factText(fact))).intersection(wanted).size }))
    .filter(({ fact, common }) => common > 0 && !told.has(fact.id))
    .toSorted((left, right) => right.common - left.common)
    .slice(0, shownLines)
  const ids = [...new Set(alike.flatMap(({ fact }) => fact.sourceMessageIds))]
  const messages = await store.getMessages(scope, { ids })
  return await Promise.all(
    alike.map(async ({ fact, common }) => {
      const changes = await store.listMemoryChanges(scope, { agentId, itemId: fact.id, limit: 100 })
      return {
        label: fact.kind,
        line: factText(fact),
        change: changes.find(({ version }) => version === fact.version) ?? null,
        quotes: messages
          .filter(({ id, role }) => role === 'user' && fact.sourceMessageIds.includes(id))
          .map((message) => ({
            messageId: message.id,
            text: textOf(message),
            at: message.createdAt,
          })),
        common,
      }
    }),
  )
}
