import { factText } from '../../domain/fact.ts'
import type { StoredTextRow } from '../../storage/contract/forget-store.ts'
import { toSubject } from '../facts/fact-keys.ts'
import { textIn } from './forget-plan.ts'
import { tellingPieces } from './needles.ts'

/**
 * What tells a fact where it is quoted: its value, where that tells by itself where it comes from, and what it says as
 * returns and prompts word it.
 */
export function factPieces(row: StoredTextRow): readonly string[] {
  const value = textIn(row, 'value')
  const [subject, attribute] = [textIn(row, 'subject'), textIn(row, 'attribute')]
  // An instruction is about nothing.
  if (attribute === '') return tellingPieces(value)
  return [...tellingPieces(value), factText({ kind: 'fact', subject, attribute, value })]
}

/** What an object states as a fact, such as the arguments of a call, in the same wording; null = nothing. */
export function statedIn(object: object): string | null {
  const { subject, attribute, value } = object as Readonly<Record<string, unknown>>
  if (typeof attribute !== 'string' || typeof value !== 'string') return null
  const about = toSubject(typeof subject === 'string' ? subject : undefined)
  return factText({ kind: 'fact', subject: about, attribute, value })
}
