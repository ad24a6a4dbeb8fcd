import { createHash } from 'node:crypto'
import type { Agent } from '../../domain/agent.ts'
import { type ConsolidatorReport, policyOf } from '../../domain/consolidation.ts'
import type { TenantScope } from '../../domain/scope.ts'
import { errorMessage, isAppError } from '../../errors/app-error.ts'
import { countTokens } from '../../llm/count-tokens.ts'
import type { LanguageModel } from '../../llm/model.ts'
import type { Cleanup } from '../../memory/consolidation/cleanup.ts'
import { writeRecord } from '../../memory/consolidation/consolidation-record.ts'
import type { ConsolidatedMemory } from '../../memory/consolidation/plan-consolidation.ts'
import { planSuggestions } from '../../memory/consolidation/plan-suggestions.ts'
import {
  consolidationPrompt,
  readSuggestions,
} from '../../memory/consolidation/read-suggestions.ts'
import { untilAborted } from '../../util/until-aborted.ts'
import type { AppParts } from '../app-parts.ts'

type Parts = Pick<AppParts, 'store' | 'clock' | 'models'>

/** What a model suggested. */
export interface AskedConsolidator {
  /** What loses nothing for certain. */
  readonly certain: readonly Cleanup[]
  /** What only a person can judge. */
  readonly uncertain: readonly Cleanup[]
  /** Stands for what it has seen, for {@link markSeen}; null = it has to see it again. */
  readonly mark: number | null
  readonly report: ConsolidatorReport
}

/** The most tokens of an answer, which is only numbers; a model may think before it writes. */
const answerTokens = 2000
/** Longer than any answer of numbers, in characters: a server may not heed what it is told. */
const longestAnswer = 100_000
/** The most of memory in one call. */
const mostShown = 16_000
/** With less than this nothing can be compared. */
const leastShown = 500
/** How long a model may take, in milliseconds. */
const answerWithinMs = 120_000

const dayMs = 24 * 60 * 60_000

/**
 * Asks a model what else could be tidied, within the budget of the day. The tokens that a call may take are counted before
 * it is made and those that it did not take given back after it: a process that dies in between has spent too much, never
 * too little. Does not reject for a model that fails: the report says why.
 */
export async function askConsolidator(
  parts: Parts,
  scope: TenantScope,
  given: {
    readonly agent: Agent
    readonly memory: ConsolidatedMemory
    readonly signal: AbortSignal | undefined
  },
): Promise<AskedConsolidator> {
  const { agent, memory, signal } = given
  const { tokensPerDay, model: handle } = policyOf(agent)
  if (tokensPerDay === null) return without(await unasked(parts, scope, agent))
  const day = today(parts)
  const book = { agentId: agent.id, day }
  const { used, mark: seen } = await parts.store.spendTokens(scope, {
    ...book,
    tokens: 0,
    limit: null,
  })
  const tell = (state: ConsolidatorReport['state'], reason: string | null): AskedConsolidator =>
    without({ state, reason, refused: 0, tokens: 0, usedToday: used, tokensPerDay })
  const mark = markOf(memory)
  if (seen === mark) return tell('unchanged', null)
  const found = await resolve(parts, handle ?? agent.model)
  if ('reason' in found) return tell('failed', found.reason)
  const frame = countTokens(consolidationPrompt) + answerTokens
  // Not what is left of the day: a memory that was shown in part would count as seen.
  const room = Math.min(mostShown, tokensPerDay, found.info.contextWindow * 0.8) - frame
  if (room < leastShown) return tell('failed', `The window of ${found.info.handle} is too small.`)
  const record = writeRecord(memory, room)
  if (record.lines.length + record.passages.length < 2) return tell('unchanged', null)
  const reserved = frame + record.tokens
  const { isGranted } = await parts.store.spendTokens(scope, {
    ...book,
    tokens: reserved,
    limit: tokensPerDay,
  })
  if (!isGranted) return tell('spent', null)
  const answer = await ask(found, record.text, signal)
  const tokens = answer.tokens ?? reserved - answerTokens + countTokens(answer.text)
  const { used: usedToday } = await parts.store.spendTokens(scope, {
    ...book,
    tokens: tokens - reserved,
    limit: null,
  })
  const spent = { tokens, usedToday, tokensPerDay }
  const suggestions =
    answer.failure === null ? readSuggestions(answer.text, record) : { reason: answer.failure }
  if ('reason' in suggestions) {
    const reason = `The model ${found.info.handle} was of no use: ${suggestions.reason}.`
    return without({ state: 'failed', reason, refused: 0, ...spent })
  }
  const { refused, ...planned } = planSuggestions(record, suggestions)
  return { ...planned, mark, report: { state: 'asked', reason: null, refused, ...spent } }
}

/** How the budget stands, without a call. */
export async function unasked(
  parts: Pick<Parts, 'store' | 'clock'>,
  scope: TenantScope,
  agent: Agent,
): Promise<ConsolidatorReport> {
  const { tokensPerDay } = policyOf(agent)
  const rest = { reason: null, refused: 0, tokens: 0, tokensPerDay }
  if (tokensPerDay === null) return { state: 'off', ...rest, usedToday: 0 }
  const look = { agentId: agent.id, day: today(parts), tokens: 0, limit: null }
  const { used: usedToday } = await parts.store.spendTokens(scope, look)
  return { state: 'not-asked', ...rest, usedToday }
}

/** Keeps in mind what a model has seen, so that it is not asked about it again. */
export async function markSeen(
  parts: Pick<Parts, 'store' | 'clock'>,
  scope: TenantScope,
  { agentId, mark }: { readonly agentId: string; readonly mark: number },
): Promise<void> {
  await parts.store.spendTokens(scope, { agentId, day: today(parts), tokens: 0, limit: null, mark })
}

function today({ clock }: Pick<Parts, 'clock'>): number {
  return Math.floor(clock.now() / dayMs)
}

function without(report: ConsolidatorReport): AskedConsolidator {
  return { certain: [], uncertain: [], mark: null, report }
}

/** Stands for blocks and passages as they are, without a trace of their words. */
function markOf({ blocks, passages }: ConsolidatedMemory): number {
  const hash = createHash('sha256')
  for (const { id, version } of blocks) hash.update(`${id} ${version}\n`)
  for (const { id, updatedAt } of passages) hash.update(`${id} ${updatedAt}\n`)
  return hash.digest().readUIntBE(0, 6)
}

async function resolve(
  { models }: Pick<Parts, 'models'>,
  handle: string,
): Promise<LanguageModel | { readonly reason: string }> {
  try {
    const model = await models.resolve(handle)
    if (!model.info.extractive) return model
    return { reason: `The model ${handle} only quotes what is stored. Name another one.` }
  } catch (error) {
    if (isAppError(error)) return { reason: errorMessage(error) }
    throw error
  }
}

interface Answer {
  readonly text: string
  /** What the provider counted; null = it did not say. */
  readonly tokens: number | null
  /** Why the text is of no use; null = it may be. */
  readonly failure: string | null
}

async function ask(
  model: LanguageModel,
  record: string,
  stop: AbortSignal | undefined,
): Promise<Answer> {
  const limit = AbortSignal.timeout(answerWithinMs)
  const signal = stop === undefined ? limit : AbortSignal.any([stop, limit])
  const request = {
    system: consolidationPrompt,
    messages: [{ role: 'user' as const, content: [{ type: 'text' as const, text: record }] }],
    tools: [],
    toolChoice: 'auto' as const,
    parallelToolCalls: false,
    maxOutputTokens: answerTokens,
    temperature: null,
    settings: {},
    signal,
  }
  let text = ''
  for await (const part of untilAborted(model.stream(request), signal)) {
    if (part.type === 'text-delta') text += part.text
    if (text.length > longestAnswer) return { text, tokens: null, failure: 'it did not end' }
    if (part.type === 'error')
      return { text, tokens: null, failure: `it failed (${part.error.code})` }
    if (part.type === 'finish') {
      const { totalTokens } = part.usage
      const failure = part.reason === 'length' ? 'its answer was cut off' : null
      return { text, tokens: totalTokens > 0 ? totalTokens : null, failure }
    }
  }
  return {
    text,
    tokens: null,
    failure: stop?.aborted === true ? 'it was stopped' : 'it took too long',
  }
}
