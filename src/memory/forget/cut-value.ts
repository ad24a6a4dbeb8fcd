import type { TextKind } from '../../storage/stored-texts.ts'
import type { Matcher } from './needles.ts'

/** What stands in the place of words that were forgotten. */
export const forgottenMark = '[forgotten]'

/** What to take out of stored values. */
export interface Cutter {
  readonly matcher: Matcher
  /** Messages, passages and facts that go: what quotes them by their identifier goes, too. */
  readonly removedIds: ReadonlySet<string>
}

/** A stored value without what is forgotten; the same value when there is nothing of it. */
export function cutValue(value: string, kind: TextKind, cutter: Cutter): string {
  if (value === '') return value
  if (kind === 'json') {
    const parsed = parse(value)
    if (parsed !== undefined) {
      const next = cutJson(parsed, cutter)
      return next === parsed ? value : JSON.stringify(next)
    }
  }
  return cutString(value, cutter)
}

/** A JSON value without what is forgotten; the same object when there is nothing of it. */
function cutJson(value: unknown, cutter: Cutter): unknown {
  if (typeof value === 'string') return cutString(value, cutter)
  if (Array.isArray(value)) return cutList(value, cutter)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value)
  const next = entries.map(
    ([key, each]) => [cutString(key, cutter), cutJson(each, cutter)] as const,
  )
  const isSame = next.every(
    ([key, each], index) => key === entries[index]?.[0] && each === entries[index][1],
  )
  return isSame ? value : Object.fromEntries(next)
}

function cutList(list: readonly unknown[], cutter: Cutter): readonly unknown[] {
  const kept = list.filter((each) => !namesRemoved(each, cutter) && !isBrokenThought(each, cutter))
  const next = kept.map((each) => cutJson(each, cutter))
  return next.length === list.length && next.every((each, index) => each === list[index])
    ? list
    : next
}

/** A result of a search that shows something that goes. */
function namesRemoved(value: unknown, { removedIds }: Cutter): boolean {
  if (typeof value !== 'object' || value === null) return false
  return Object.values(value).some((each) => typeof each === 'string' && removedIds.has(each))
}

/** A thought of a model that was cut would no longer be what its provider signed: it goes as a whole. */
function isBrokenThought(value: unknown, cutter: Cutter): boolean {
  if (typeof value !== 'object' || value === null || !('type' in value)) return false
  return (
    value.type === 'reasoning' &&
    'text' in value &&
    typeof value.text === 'string' &&
    cutter.matcher.matches(value.text)
  )
}

/** A text without what is forgotten; JSON in it is looked into. */
function cutString(text: string, cutter: Cutter): string {
  if (/^\s*[[{]/.test(text)) {
    const parsed = parse(text)
    if (typeof parsed === 'object' && parsed !== null) {
      const next = cutJson(parsed, cutter)
      return next === parsed ? text : JSON.stringify(next)
    }
  }
  return cutter.matcher.cut(cutQuotedLines(text, cutter), forgottenMark)
}

/** Lines that name something that goes were written to quote it. */
function cutQuotedLines(text: string, { removedIds }: Cutter): string {
  if (removedIds.size === 0 || !/(?:message|passage|fact)-/.test(text)) return text
  if (removedIds.has(text)) return text
  return text
    .split('\n')
    .map((line) => {
      const ids = line.match(/\b(?:message|passage|fact)-[0-9a-f-]{36}\b/g) ?? []
      return ids.some((id) => removedIds.has(id)) ? forgottenMark : line
    })
    .join('\n')
}

/** Fields whose strings say how a value is to be read. */
const structure = new Set(['type', 'callId', 'name', 'status', 'kind', 'role'])

/** A stored value of which nothing is left but its shape. */
export function emptyValue(column: string, value: string): string {
  if (column === 'content') return JSON.stringify([{ type: 'text', text: forgottenMark }])
  return JSON.stringify(emptyJson(parse(value) ?? ''))
}

function emptyJson(value: unknown): unknown {
  if (typeof value === 'string') return value === '' ? value : forgottenMark
  if (Array.isArray(value)) return value.map((each) => emptyJson(each))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => {
      if (structure.has(key)) return [key, each]
      return [key, key === 'arguments' ? '{}' : emptyJson(each)]
    }),
  )
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
