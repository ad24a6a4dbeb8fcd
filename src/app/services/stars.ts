import { messageText, type Message } from '../../domain/message.ts'
import type { Run } from '../../domain/run.ts'
import type { TenantScope } from '../../domain/scope.ts'
import { starOf } from '../../domain/star.ts'
import { factText } from '../../domain/fact.ts'
import { AppError } from '../../errors/app-error.ts'
import { analyse } from '../../memory/analysis/analyse.ts'
import { readAll } from '../../util/read-pages.ts'
import type { AppParts } from '../app-parts.ts'
import { explainAnswer, type AnswerReasons, type WhichAnswer } from './memory-why.ts'

/** An answer that a person marked as good, with what was asked for it. */
export interface StarredAnswer {
  readonly runId: string
  /** What the user asked; empty when it is not stored any more. */
  readonly question: string
  readonly answer: string
  /** The messages, passages and facts that the answer rested on, by id. */
  readonly sources: readonly string[]
  /** The question and what was said in the run: a search for the question finds them, too, and they prove nothing. */
  readonly ownMessageIds: readonly string[]
  readonly starredAt: number
}

/** Starred answers of agents. Every operation: `not_found` for an unknown agent. */
export interface StarService {
  /** Starred answers, newest first. */
  list(scope: TenantScope, agentId: string): Promise<readonly StarredAnswer[]>
  /**
   * Stars an answer with what it rests on now. `not_found` for an answer of nobody or of another agent, `conflict` when
   * its run has not ended or when nothing was found for it.
   */
  add(scope: TenantScope, agentId: string, which: WhichAnswer): Promise<StarredAnswer>
  /** Takes a star away. `not_found` when the run has none. */
  remove(scope: TenantScope, agentId: string, runId: string): Promise<void>
}

/** How many starred runs are read at a time. */
const pageSize = 500

/** Makes the service of stars. */
export function createStarService(parts: AppParts): StarService {
  const { store, clock } = parts
  return {
    async list(scope, agentId) {
      await store.getAgent(scope, { id: agentId })
      const runs = await readAll<Run>({
        limit: pageSize,
        read: async (last) =>
          await store.listRuns(scope, {
            filter: { agentIds: [agentId], starred: true },
            page: { limit: pageSize, order: 'desc', ...(last && { after: last.id }) },
          }),
      })
      return await Promise.all(runs.map((run) => describeStar(parts, scope, run)))
    },
    async add(scope, agentId, which) {
      const reasons = await explainAnswer(parts, scope, { agentId, which })
      const { runId } = reasons
      const run = await store.getRun(scope, { id: runId })
      if (run.completedAt === null) throw cannotStar(runId, 'its run has not ended. Wait for it')
      if (reasons.answer === '') throw cannotStar(runId, 'it has no answer. Star another one')
      const { question } = await readExchange(parts, scope, run)
      const sources = sourcesOf(reasons, question?.id)
      if (sources.length === 0) {
        throw cannotStar(
          runId,
          'nothing stored was looked up for it and memory quotes nobody, so there is nothing a search could find again. Name its source in a file for letta eval',
        )
      }
      const star = { at: clock.now(), sources }
      return await describeStar(parts, scope, await store.starRun(scope, { id: runId, star }))
    },
    async remove(scope, agentId, runId) {
      const run = await store.getRun(scope, { id: runId })
      if (run.agentId !== agentId || starOf(run) === null) {
        throw new AppError(
          'not_found',
          `Cannot take away the star of ${runId}: this agent has none there. List its stars.`,
        )
      }
      await store.starRun(scope, { id: runId, star: null })
    },
  }
}

function cannotStar(runId: string, state: string): AppError {
  return new AppError('conflict', `Cannot star the answer of ${runId}: ${state}.`)
}

/**
 * What was found for an answer, else the words that memory has what it says of it from. Of these the texts that share most words
 * with the answer: a search returns more than the answer was made of.
 */
function sourcesOf(reasons: AnswerReasons, questionId: string | undefined): readonly string[] {
  const said = new Set(analyse(reasons.answer))
  const quoted = reasons.remembered.flatMap(({ quotes }) =>
    quotes.map(({ messageId: id, text }) => ({ id, text })),
  )
  const found = reasons.found.length > 0 ? reasons.found.map(toSource) : quoted
  const others = new Map(found.map((source) => [source.id, source]))
  others.delete(questionId ?? '')
  const scored = [...others.values()].map(({ id, text }) => ({
    id,
    common: new Set(analyse(text)).intersection(said).size,
  }))
  const most = Math.max(0, ...scored.map(({ common }) => common))
  return scored.flatMap(({ id, common }) => (common * 2 >= most ? [id] : []))
}

function toSource(found: AnswerReasons['found'][number]): {
  readonly id: string
  readonly text: string
} {
  switch (found.kind) {
    case 'message':
      return { id: found.message.id, text: messageText(found.message) }
    case 'passage':
      return { id: found.passage.id, text: found.passage.text }
    case 'fact':
      return { id: found.fact.id, text: factText(found.fact) }
  }
}

async function describeStar(
  parts: Pick<AppParts, 'store'>,
  scope: TenantScope,
  run: Run,
): Promise<StarredAnswer> {
  const star = starOf(run)
  const { question, messages } = await readExchange(parts, scope, run)
  const said = messages.findLast(({ role }) => role === 'assistant')
  const own = [...(question === undefined ? [] : [question]), ...messages]
  return {
    runId: run.id,
    question: question === undefined ? '' : messageText(question),
    answer: said === undefined ? '' : messageText(said),
    sources: star?.sources ?? [],
    ownMessageIds: [...new Set(own.map(({ id }) => id))],
    starredAt: star?.at ?? 0,
  }
}

/** What was said in a run, with the user's words; a run that answered a request for approval has them in an earlier one. */
async function readExchange(
  { store }: Pick<AppParts, 'store'>,
  scope: TenantScope,
  { id: runId, agentId, conversationId }: Run,
): Promise<{ readonly question: Message | undefined; readonly messages: readonly Message[] }> {
  const messages = await store.listMessages(scope, { agentId, runId, limit: 1000, order: 'asc' })
  const own = messages.find(({ role }) => role === 'user')
  const [first] = messages
  if (own !== undefined || first === undefined) return { question: own, messages }
  const [question] = await store.listMessages(scope, {
    agentId,
    conversationId,
    roles: ['user'],
    before: first.id,
    limit: 1,
    order: 'desc',
  })
  return { question, messages }
}
