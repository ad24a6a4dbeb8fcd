import type { FactStatement } from '../../domain/fact.ts'
import type { FactWrite } from '../../storage/contract/fact-store.ts'
import type { SearchEntry } from '../../storage/contract/search-entry.ts'
import { textEntry } from '../search/search-entry.ts'
import type { FactEdit } from './place-fact.ts'

/** What of an agent decides how its facts are written. */
export interface FactWriting {
  /** The IANA zone whose calendar dates are told in: the agent's. */
  readonly timezone: string
  /** Makes an identifier for a new fact. */
  newId(): string
}

/** An edit as the store takes it. */
export function toFactWrite(edit: FactEdit, { timezone, newId }: FactWriting): FactWrite {
  if (edit.action === 'create') {
    const fact = { ...edit.statement, id: newId() }
    return { action: 'create', fact, entry: factEntry(fact, timezone) }
  }
  const expected = { factId: edit.before.id, expectedVersion: edit.before.version }
  if (edit.action === 'delete') return { action: 'delete', ...expected }
  const entry = factEntry({ ...edit.before, ...edit.set }, timezone)
  return { action: 'edit', ...expected, set: edit.set, entry }
}

/** What a fact is found by: its words and the day it began. */
export function factEntry(fact: FactStatement, timezone: string): SearchEntry {
  const { kind, subject, attribute, value } = fact
  const text = kind === 'fact' ? `${subject} ${attribute} ${value}` : value
  return textEntry({ text, speaker: '', at: fact.validFrom }, { timezone })
}
