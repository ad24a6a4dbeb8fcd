import type { Origin } from '../../domain/archive.ts'
import { factText, isTrusted, type StatedFact } from '../../domain/fact.ts'
import type { MemoryAction, MemoryState, MemorySubject } from '../../domain/memory-change.ts'
import { diffFields } from './diff-fields.ts'
import { diffLines } from './diff-lines.ts'

/** A change in a few words, for people. */
export interface ChangeNote {
  readonly kind: 'remembered' | 'changed' | 'forgotten'
  /** What, on one line, such as `base images = Alpine`. */
  readonly text: string
}

/** How much of a text a note shows, in characters. */
const shownLength = 80

/** Says what a change did, from what the item was before and after; null = there was nothing, or it is not stored. */
export function describeChange(
  change: {
    readonly action: MemoryAction
    readonly label: string | null
    /** Default: a block, or a passage where it has no label. */
    readonly subject?: MemorySubject
  },
  states: { readonly before: MemoryState | null; readonly after: MemoryState | null },
): ChangeNote {
  const fact = describeFact(change.action, states)
  if (fact !== null) return fact
  if (change.subject === 'fact' || change.subject === 'instruction') return describeGone(change)
  const name = change.label === null ? 'a text in the archive' : `the block ${change.label}`
  const [before, after] = [textOf(states.before), textOf(states.after)]
  switch (change.action) {
    case 'attach':
      return { kind: 'remembered', text: name }
    case 'detach':
      return { kind: 'forgotten', text: name }
    case 'delete':
      return { kind: 'forgotten', text: before === '' ? name : shorten(before) }
    case 'create': {
      const text = after.trim() === '' ? name : shorten(after)
      return { kind: 'remembered', text: `${text}${heldBack(states.after)}` }
    }
    case 'edit':
      return before === after ? describeFields(name, states) : describeEdit(name, before, after)
  }
}

/** Says of a fact whose words are not stored any more what was done to it. */
function describeGone({
  action,
  label,
}: {
  readonly action: MemoryAction
  readonly label: string | null
}): ChangeNote {
  const kind = action === 'create' ? 'remembered' : action === 'delete' ? 'forgotten' : 'changed'
  return { kind, text: `${label ?? 'something'} (forgotten for good)` }
}

function describeFact(
  action: MemoryAction,
  states: { readonly before: MemoryState | null; readonly after: MemoryState | null },
): ChangeNote | null {
  const [before, after] = [factOf(states.before), factOf(states.after)]
  const fact = after ?? before
  if (fact === null) return null
  const text = factText(fact)
  if (action === 'create') {
    return { kind: 'remembered', text: `${shorten(text)}${heldBack(states.after)}` }
  }
  if (action === 'delete') return { kind: 'forgotten', text: shorten(text) }
  if (before === null || before.value !== fact.value) {
    const half = shownLength / 2
    const old = before === null ? '' : `${shorten(factText(before), half)} → `
    return { kind: 'changed', text: `${old}${shorten(fact.value, half)}` }
  }
  if (before.origin !== fact.origin) return { kind: 'changed', text: trustText(text, fact.origin) }
  const until = fact.statedUntil
  if (until !== null && before.statedUntil !== until) {
    return { kind: 'changed', text: `${shorten(text)} until ${dayText(until - 1)}` }
  }
  const isMoved = before.validFrom !== fact.validFrom
  const how = isMoved ? `since ${dayText(fact.validFrom)}` : 'was said again'
  return { kind: 'changed', text: `${shorten(text)} ${how}` }
}

function trustText(text: string, origin: Origin): string {
  return `${shorten(text)} ${isTrusted(origin) ? 'is trusted now' : 'is not trusted any more'}`
}

/** What is stored, but counts only once a person approves it, says so. */
function heldBack(state: MemoryState | null): string {
  const passage = state !== null && 'passage' in state ? state.passage : null
  const origin = passage?.origin ?? factOf(state)?.origin
  return origin === undefined || isTrusted(origin) ? '' : ' (held back)'
}

function factOf(state: MemoryState | null): StatedFact | null {
  return state !== null && 'fact' in state ? state.fact : null
}

function dayText(time: number): string {
  return new Date(time).toISOString().slice(0, 10)
}

function describeEdit(name: string, before: string, after: string): ChangeNote {
  const lines = diffLines(before, after).filter(({ text }) => text.trim() !== '')
  const added = lines.filter(({ sign }) => sign === '+').map(({ text }) => text)
  const removed = lines.filter(({ sign }) => sign === '-').map(({ text }) => text)
  const [to, from] = [added.join('; '), removed.join('; ')]
  if (to === '' && from === '') return { kind: 'changed', text: name }
  if (from === '') return { kind: 'remembered', text: shorten(to) }
  if (to === '') return { kind: 'forgotten', text: shorten(from) }
  // What only grew says the new part best; both sides would repeat the old one.
  if (removed.length === 1 && added.length === 1 && to.startsWith(from)) {
    return { kind: 'remembered', text: shorten(to.slice(from.length)) }
  }
  const half = shownLength / 2
  return { kind: 'changed', text: `${shorten(from, half)} → ${shorten(to, half)}` }
}

function describeFields(
  name: string,
  { before, after }: { readonly before: MemoryState | null; readonly after: MemoryState | null },
): ChangeNote {
  if (before?.subject === 'block' && after?.subject === 'block') {
    if (before.block.label !== after.block.label) {
      return {
        kind: 'changed',
        text: `the block ${before.block.label} is now ${after.block.label}`,
      }
    }
  }
  if (before?.subject === 'passage' && after?.subject === 'passage') {
    const { text, origin } = after.passage
    if (before.passage.origin !== origin) return { kind: 'changed', text: trustText(text, origin) }
  }
  const fields = diffFields(before, after).map(
    (each) => `${each.field} of ${name}: ${fieldText(each.before)} → ${fieldText(each.after)}`,
  )
  return {
    kind: 'changed',
    text: fields.length === 0 ? `about ${name}` : shorten(fields.join('; ')),
  }
}

function fieldText(value: string | null): string {
  return value === null || value === '' ? 'none' : shorten(value, shownLength / 4)
}

/** The text of an item, empty when there is none. */
export function textOf(state: MemoryState | null): string {
  if (state === null) return ''
  if ('fact' in state) return factText(state.fact)
  return state.subject === 'block' ? state.block.value : state.passage.text
}

function shorten(text: string, length = shownLength): string {
  const line = text
    .trim()
    .replaceAll(/\s+/g, ' ')
    .replace(/^[-*•,;.]\s+/, '')
  return line.length <= length
    ? line
    : `${line
        .slice(0, length - 1)
        .toWellFormed()
        .trimEnd()}…`
}
