import { forgottenMark } from '../../domain/forget.ts'
import type { TextKind } from '../../storage/stored-texts.ts'
import { statedIn } from './fact-pieces.ts'
import { parseExactly, writtenNumber } from './exact-json.ts'
import type { Matcher } from './matcher.ts'
import { parseJson } from '../../util/parse-json.ts'

/** What to take out of stored values. */
export interface Cutter {
  readonly matcher: Matcher
  /** Messages, passages and facts that go: what quotes them by their identifier goes, too. */
  readonly removedIds: ReadonlySet<string>
}

/**
 * From how many digits on a number in a column is something a person told: shorter ones count and measure what is around
 * them. In a text, such as the return of a tool, every number may be.
 */
const fewestDigits = { json: 6, text: 1 } as const

/** A cutter that knows which numbers are words, too. */
interface DeepCutter extends Cutter {
  readonly fewestDigits: number
}

/** A stored value without what is forgotten, which of an address is nothing; the same value when there is nothing of it. */
export function cutValue(value: string, kind: TextKind, cutter: Cutter): string {
  if (value === '') return value
  if (kind === 'address') return cutter.matcher.matches(value) ? '' : value
  if (kind !== 'text') {
    const digits = kind === 'settings' ? Infinity : fewestDigits[kind]
    const next = cutJsonText(value, { ...cutter, fewestDigits: digits })
    if (next !== null) return next
  }
  return cutString(value, cutter)
}

/** JSON text without what is forgotten; null = it is not JSON. All that stays is written as it was. */
function cutJsonText(text: string, cutter: DeepCutter): string | null {
  const parsed = parseJson(text)
  if (parsed === undefined) return null
  if (repeatsKey(text, parsed)) return cutLiterals(text, cutter)
  if (cutJson(parsed, cutter) === parsed && !holdsLongNumber.test(text)) return text
  const exact = parseExactly(text)
  const next = cutJson(exact, cutter)
  return next === exact ? text : JSON.stringify(next)
}

/** A string of JSON text, and whether it is a key. */
const literal = /"(?:[^"\\]|\\.)*"(\s*:)?/g

/** Whether an object in JSON text says a key twice: a parsed value holds the last one only. */
function repeatsKey(text: string, parsed: unknown): boolean {
  const written = Array.from(text.matchAll(literal)).filter(([, colon]) => colon !== undefined)
  return written.length > countKeys(parsed)
}

function countKeys(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0
  const own = Array.isArray(value) ? 0 : Object.keys(value).length
  return Object.values(value).reduce<number>((sum, each) => sum + countKeys(each), own)
}

/** JSON text of which every string is looked at where it stands. */
function cutLiterals(text: string, cutter: Cutter): string {
  return text.replaceAll(literal, (whole, colon: string = '') => {
    const string = JSON.parse(whole.slice(0, whole.length - colon.length)) as string
    const cut = cutString(string, cutter)
    return cut === string ? whole : JSON.stringify(cut) + colon
  })
}

/** A number that a parsed value does not hold with all its digits. */
const holdsLongNumber = /\d{16}/

/** A JSON value without what is forgotten; the same object when there is nothing of it. */
function cutJson(value: unknown, cutter: DeepCutter): unknown {
  const written = writtenNumber(value)
  if (written !== null) return cutNumber(value, written, cutter)
  if (typeof value === 'string') return cutString(value, cutter)
  if (Array.isArray(value)) return cutList(value, cutter)
  if (typeof value !== 'object' || value === null) return value
  return cutObject(value, cutter)
}

/** An object without what is forgotten, also as a fact that it states. Its keys may be cut alike: each keeps its value, under a name with a number. */
function cutObject(value: object, cutter: DeepCutter): object {
  const entries = Object.entries(value)
  const stated = statedIn(value)
  const isStated = stated !== null && cutter.matcher.matches(stated)
  const cut = entries.map(([key, each]) => {
    const next = isStated && key === 'value' ? forgottenMark : cutJson(each, cutter)
    return [cutString(key, cutter), next] as const
  })
  const isSame = cut.every(
    ([key, each], index) => key === entries[index]?.[0] && each === entries[index][1],
  )
  if (isSame) return value
  const taken = new Set(cut.flatMap(([key], index) => (key === entries[index]?.[0] ? [key] : [])))
  return Object.fromEntries(
    cut.map(([key, each], index) => {
      if (key === entries[index]?.[0]) return [key, each]
      const free = freeName(key, taken)
      taken.add(free)
      return [free, each]
    }),
  )
}

function freeName(name: string, taken: ReadonlySet<string>): string {
  let free = name
  for (let count = 2; taken.has(free); count += 1) free = `${name} ${count}`
  return free
}

function cutNumber(value: unknown, written: string, cutter: DeepCutter): unknown {
  const digits = written.match(/\d/g)?.length ?? 0
  return digits >= cutter.fewestDigits && cutter.matcher.matches(written) ? forgottenMark : value
}

function cutList(list: readonly unknown[], cutter: DeepCutter): readonly unknown[] {
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
    const next = cutJsonText(text, { ...cutter, fewestDigits: fewestDigits.text })
    if (next !== null) return next
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
  return JSON.stringify(emptyJson(parseJson(value) ?? ''))
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
