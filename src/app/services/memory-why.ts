import type { Passage } from '../../domain/archive.ts'
import type { Message } from '../../domain/message.ts'
import type { TenantScope } from '../../domain/scope.ts'
import { AppError } from '../../errors/app-error.ts'
import { analyse } from '../../memory/analysis/analyse.ts'
import type { AppParts } from '../app-parts.ts'
import { blameBlock } from './memory-history.ts'
import type { BlameEntry } from './memory-views.ts'

/** What an answer rests on, as far as it can be told from what is stored. */
export interface AnswerReasons {
  readonly runId: string
  readonly answer: string
  /** Messages and texts of the archive that tools of the turn returned. */
  readonly found: readonly (
    | { readonly kind: 'message'; readonly message: Message }
    | { readonly kind: 'passage'; readonly passage: Passage }
  )[]
  /** Lines of core memory that share words with the answer, most alike first. */
  readonly remembered: readonly (BlameEntry & { readonly label: string })[]
}

/** The most sources of each kind. */
const shownSources = 20
const shownLines = 5

/** Walks from the answer of a run to what its tools found and what memory says of it. */
export async function explainAnswer(
  parts: Pick<AppParts, 'store'>,
  scope: TenantScope,
  given: {
    readonly agentId: string
    readonly which: { readonly runId: string } | { readonly messageId: string }
  },
): Promise<AnswerReasons> {
  const { store } = parts
  const { agentId, which } = given
  const runId = 'runId' in which ? which.runId : await runOfMessage(parts, scope, which.messageId)
  const page = { limit: 1000, order: 'asc' } as const
  const messages = await store.listMessages(scope, { agentId, runId, ...page })
  if (messages.length === 0) {
    throw new AppError(
      'not_found',
      `Cannot explain the run ${runId}: this agent has no messages of it. Check the id.`,
    )
  }
  const answer = textOf(messages.findLast(({ role }) => role === 'assistant') ?? null)
  const ids = quotedIds(messages)
  const [found, passages] = await Promise.all([
    store.getMessages(scope, { ids }),
    store.getPassages(scope, { ids }),
  ])
  return {
    runId,
    answer,
    found: [
      ...found.map((message) => ({ kind: 'message', message }) as const),
      ...passages.map((passage) => ({ kind: 'passage', passage }) as const),
    ],
    remembered: await rememberedLines(parts, scope, { agentId, answer }),
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
    `Cannot explain the message ${id}: it is no answer of a run. Give the id of an answer.`,
  )
}

/** The identifiers that tool returns name, in order, without those of the run itself. */
function quotedIds(messages: readonly Message[]): readonly string[] {
  const own = new Set(messages.map(({ id }) => id))
  const texts = messages.flatMap(({ toolReturns }) => toolReturns.map(({ text }) => text))
  const ids = texts.flatMap((text) => text.match(/\b(?:message|passage)-[0-9a-f-]{36}\b/g) ?? [])
  return [...new Set(ids)].filter((id) => !own.has(id)).slice(0, shownSources)
}

async function rememberedLines(
  parts: Pick<AppParts, 'store'>,
  scope: TenantScope,
  { agentId, answer }: { readonly agentId: string; readonly answer: string },
): Promise<AnswerReasons['remembered']> {
  const wanted = new Set(analyse(answer))
  const blocks = await parts.store.listAgentBlocks(scope, { agentId })
  const scored = await Promise.all(
    blocks.map(async ({ id, label }) => {
      const entries = await blameBlock(parts, scope, { agentId, item: id })
      return entries.map((entry) => ({
        ...entry,
        label,
        common: new Set(analyse(entry.line)).intersection(wanted).size,
      }))
    }),
  )
  return scored
    .flat()
    .filter(({ common }) => common > 0)
    .toSorted((left, right) => right.common - left.common)
    .slice(0, shownLines)
    .map(({ common: _common, ...entry }) => entry)
}

/** The text of a message. */
export function textOf(message: Message | null): string {
  const parts = message?.content ?? []
  return parts
    .map((part) => ('text' in part ? part.text : ''))
    .join(' ')
    .trim()
}
