import type { Block } from '../../src/domain/block.ts'
import type { ConversationItem } from '../../src/domain/conversation.ts'
import type { Message } from '../../src/domain/message.ts'
import type { Run, RunEvent, Step } from '../../src/domain/run.ts'

import type { Interventions } from './operators.ts'
import { restSeconds } from './world.ts'

/** Everything that is left when all lives are over. */
export interface Aftermath {
  /** The otids of inputs whose acceptance was acknowledged, with their texts. */
  readonly acknowledged: ReadonlyMap<string, string>
  readonly messages: readonly Message[]
  readonly items: Readonly<Record<string, readonly ConversationItem[]>>
  readonly runs: readonly Run[]
  readonly steps: readonly Step[]
  /** What operators did, as far as it was acknowledged. */
  readonly done: Interventions
  readonly events: Readonly<Record<string, readonly RunEvent[]>>
  readonly blocks: readonly Block[]
  readonly passages: readonly string[]
  /** How often each letter was sent, by tool and text. */
  readonly letters: ReadonlyMap<string, number>
  /** Messages that are neither in the view of their conversation nor covered by a summary. */
  readonly uncovered: readonly string[]
  /** Acknowledged inputs that search does not find. */
  readonly notFound: readonly string[]
}

/** The promises of the README that a run can break; returns one line for each that was broken. */
export function findBrokenPromises(after: Aftermath): readonly string[] {
  return [
    ...lostOrDoubledInput(after),
    ...runsWithoutOneEnd(after),
    ...gapsInEvents(after),
    ...openToolCalls(after),
    ...wrongEffects(after),
    ...unallowedCalls(after),
    ...turnsWithSeveralEnds(after),
    ...wrongPlaces(after),
    ...wrongWaits(after),
    ...wrongSignals(after),
    ...stepsAfterStop(after),
    ...after.uncovered.map((id) => `the message ${id} is neither in view nor summarised`),
    ...summariesOfOneStep(after),
    ...after.notFound.map((otid) => `the acknowledged input ${otid} is not found by search`),
  ]
}

/** A view is compacted at most once before a step, so each summary but the last is followed by an answer or an end. */
function summariesOfOneStep({ items }: Aftermath): readonly string[] {
  return Object.values(items).flatMap((list) =>
    list.flatMap((item, index) => {
      const next = list[index + 1]
      const isSummary = (each: typeof next): boolean =>
        each?.kind === 'message' && each.message.role === 'summary'
      return isSummary(item) && isSummary(next)
        ? [`two summaries follow each other at ${item.position}`]
        : []
    }),
  )
}

function lostOrDoubledInput({ acknowledged, messages }: Aftermath): readonly string[] {
  const counts = new Map<string, number>()
  for (const message of messages) {
    if (message.role === 'user') counts.set(message.otid, (counts.get(message.otid) ?? 0) + 1)
  }
  const lost = [...acknowledged.keys()].filter((otid) => !counts.has(otid))
  const doubled = [...counts].filter(([, count]) => count > 1)
  return [
    ...lost.map((otid) => `the acknowledged input ${otid} is lost`),
    ...doubled.map(([otid, count]) => `the input ${otid} is stored ${count} times`),
  ]
}

function runsWithoutOneEnd({ runs, events }: Aftermath): readonly string[] {
  return runs.flatMap((run) => {
    const ends = (events[run.id] ?? []).filter(({ event }) => event.type === 'run-ended').length
    const isOpen = run.completedAt === null || run.status === 'created' || run.status === 'running'
    return [
      ...(isOpen ? [`the run ${run.id} is left ${run.status}`] : []),
      ...(ends === 1 ? [] : [`the run ${run.id} has ${ends} ends`]),
    ]
  })
}

function gapsInEvents({ events }: Aftermath): readonly string[] {
  return Object.entries(events).flatMap(([runId, log]) => {
    const wrong = log.some(({ sequence }, index) => sequence !== index + 1)
    const last = log.at(-1)?.event.type
    return [
      ...(wrong ? [`the events of ${runId} are not numbered from 1 without gaps`] : []),
      ...(last === undefined || last === 'run-ended' ? [] : [`events follow the end of ${runId}`]),
    ]
  })
}

/** In a run that ended well or was cancelled, each call has exactly one return. */
function openToolCalls({ messages, runs }: Aftermath): readonly string[] {
  // A turn that was answered has several runs; its calls have their returns unless one of them failed.
  const failedTurns = new Set(
    runs.filter(({ status }) => status === 'failed').map(({ turnId }) => turnId),
  )
  const completed = new Set(
    runs.filter(({ turnId }) => !failedTurns.has(turnId)).map(({ id }) => id),
  )
  const returns = new Map<string, number>()
  for (const { toolReturns, stepId } of messages) {
    for (const { callId } of toolReturns) {
      const key = `${stepId} ${callId}`
      returns.set(key, (returns.get(key) ?? 0) + 1)
    }
  }
  return messages.flatMap(({ toolCalls, stepId, runId }) =>
    toolCalls.flatMap(({ callId }) => {
      const count = returns.get(`${stepId} ${callId}`) ?? 0
      if (count === 1 || (count === 0 && !completed.has(runId ?? ''))) return []
      return [`the call ${callId} of ${stepId} has ${count} returns`]
    }),
  )
}

/** A guarded call took effect at most once, and only when somebody allowed it. */
function unallowedCalls({ messages, letters }: Aftermath): readonly string[] {
  const verdicts = new Map<string, boolean>()
  for (const { approvals, stepId } of messages) {
    for (const answer of approvals) {
      const key = `${stepId} ${answer.callId}`
      verdicts.set(key, answer.kind === 'approval' && answer.approve)
    }
  }
  const allowed = new Map<string, number>()
  for (const { role, toolCalls, stepId } of messages) {
    if (role !== 'approval') continue
    for (const call of toolCalls) {
      const key = effectKey(call.name, call.arguments)
      const isAllowed = verdicts.get(`${stepId} ${call.callId}`) === true
      allowed.set(key, (allowed.get(key) ?? 0) + (isAllowed ? 1 : 0))
    }
  }
  return [...allowed].flatMap(([key, count]) => {
    const done = letters.get(key) ?? 0
    return done > count ? [`${key} was done ${done} times and allowed ${count} times`] : []
  })
}

/** However many runs a turn has, one of them ends it; the others end with a request. */
function turnsWithSeveralEnds({ runs }: Aftermath): readonly string[] {
  const ends = new Map<string, number>()
  for (const { turnId, stopReason } of runs) {
    const isEnd = stopReason !== 'requires_approval' && stopReason !== null
    ends.set(turnId, (ends.get(turnId) ?? 0) + (isEnd ? 1 : 0))
  }
  return [...ends].flatMap(([turnId, count]) =>
    count === 1 ? [] : [`the turn ${turnId} has ${count} ends`],
  )
}

/** What the stored calls and returns say against what has happened. */
function wrongEffects(after: Aftermath): readonly string[] {
  const returned = new Map<string, string>()
  for (const { toolReturns, stepId } of after.messages) {
    for (const { callId, status } of toolReturns) returned.set(`${stepId} ${callId}`, status)
  }
  const wanted = new Map<string, { calls: number; succeeded: number }>()
  for (const { toolCalls, stepId } of after.messages) {
    for (const call of toolCalls) {
      const key = effectKey(call.name, call.arguments)
      const entry = wanted.get(key) ?? { calls: 0, succeeded: 0 }
      const isDone = returned.get(`${stepId} ${call.callId}`) === 'success'
      wanted.set(key, {
        calls: entry.calls + 1,
        succeeded: entry.succeeded + (isDone ? 1 : 0),
      })
    }
  }
  return [...wanted].flatMap(([key, counts]) => judgeEffect(after, key, counts))
}

function judgeEffect(
  { blocks, passages, letters }: Aftermath,
  key: string,
  { calls, succeeded }: { readonly calls: number; readonly succeeded: number },
): readonly string[] {
  const [name = '', text = ''] = key.split(': ')
  if (name === 'wait') return []
  if (name === 'core_memory_append') {
    const lines = blocks.flatMap(({ value }) => value.split('\n')).filter((line) => line === text)
    return exactly(key, lines.length, succeeded)
  }
  if (name === 'archival_memory_insert') {
    return exactly(key, passages.filter((passage) => passage === text).length, succeeded)
  }
  const sent = letters.get(key) ?? 0
  if (name === 'fetch_paper') return []
  if (name === 'send_letter' && sent > calls)
    return [`${key} took effect ${sent} times in ${calls} calls`]
  return sent < succeeded
    ? [`${key} is said to be done ${succeeded} times and was ${sent} times`]
    : []
}

/** An edit is in memory as often as its returns say: told is kept, and not told is not. */
function exactly(key: string, found: number, succeeded: number): readonly string[] {
  return found === succeeded ? [] : [`${key} is in memory ${found} times, told ${succeeded} times`]
}

function effectKey(name: string, argumentsText: string): string {
  const given = JSON.parse(argumentsText) as { readonly content?: string; readonly text?: string }
  return `${name}: ${given.content ?? given.text ?? ''}`
}

function wrongPlaces({ items, messages, runs, steps }: Aftermath): readonly string[] {
  const placed = new Map<string, number>()
  const problems: string[] = []
  for (const [conversationId, list] of Object.entries(items)) {
    const positions = list.map(({ position }) => position)
    const isSorted = positions.every(
      (position, index) => index === 0 || position > (positions[index - 1] ?? 0),
    )
    if (!isSorted) problems.push(`the items of ${conversationId} are not in one order`)
    for (const item of list) {
      if (item.kind === 'message')
        placed.set(item.message.id, (placed.get(item.message.id) ?? 0) + 1)
    }
  }
  const begun = new Set(steps.map(({ runId }) => runId))
  const notBegun = new Set(
    runs.flatMap(({ id, status }) => (status === 'cancelled' && !begun.has(id) ? [id] : [])),
  )
  for (const { id, role, runId } of messages) {
    const count = placed.get(id) ?? 0
    // What was cancelled before it was begun has no place.
    if (count === 0 && role === 'user' && notBegun.has(runId ?? '')) continue
    if (count !== 1) problems.push(`the ${role} message ${id} has ${count} places`)
  }
  return problems
}

/** No wait ends early. */
function wrongWaits({ messages }: Aftermath): readonly string[] {
  return waitReturns(messages).flatMap((text) => {
    const seconds = Number(/^You waited (\d+) seconds?\./.exec(text)?.[1] ?? restSeconds)
    return seconds < restSeconds ? [`a wait ended after ${seconds} s: ${text}`] : []
  })
}

/** Each signal is told at most once, and once when the run that waited for it ended well. */
function wrongSignals({ messages, runs }: Aftermath): readonly string[] {
  const completed = new Set(runs.filter(({ status }) => status === 'completed').map(({ id }) => id))
  const told = new Map<string, number>()
  for (const text of waitReturns(messages)) {
    const subject = /"word of (subject-\d+)"/.exec(text)?.[1] ?? ''
    told.set(subject, (told.get(subject) ?? 0) + 1)
  }
  return messages.flatMap(({ toolCalls, runId }) =>
    toolCalls.flatMap((call) => {
      const subject = /"signal":"(subject-\d+)"/.exec(call.arguments)?.[1]
      if (subject === undefined) return []
      const count = told.get(subject) ?? 0
      if (count === 1 || (count === 0 && !completed.has(runId ?? ''))) return []
      return [`the signal ${subject} was told ${count} times`]
    }),
  )
}

/** What the waits that came to their end returned. */
function waitReturns(messages: Aftermath['messages']): readonly string[] {
  return messages.flatMap(({ toolReturns }) =>
    toolReturns.flatMap(({ name, status, text }) =>
      name === 'wait' && status === 'success' ? [text] : [],
    ),
  )
}

/** Nothing begins after an acknowledged cancel, or in a pause in which all was at rest. */
function stepsAfterStop({ steps, done }: Aftermath): readonly string[] {
  return steps.flatMap(({ id, runId, conversationId, createdAt }) => {
    const cancelledAt = done.cancelled.get(runId) ?? Number.POSITIVE_INFINITY
    const isQuiet = done.pauses.some(
      (quiet) =>
        quiet.conversationId === conversationId &&
        createdAt > quiet.from &&
        createdAt < (quiet.until ?? Number.POSITIVE_INFINITY),
    )
    return [
      ...(createdAt > cancelledAt ? [`the step ${id} began after the cancel of its run`] : []),
      ...(isQuiet ? [`the step ${id} began in a pause`] : []),
    ]
  })
}
