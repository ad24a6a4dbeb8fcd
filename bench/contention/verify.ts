import { DatabaseSync } from 'node:sqlite'
import type { Check } from '../harness/report.ts'
import type { LedgerEntry } from './ledger.ts'

/** The number of turns that are neither ended nor waiting for somebody. */
export function countOpenTurns(file: string): number {
  const database = new DatabaseSync(file, { readOnly: true, timeout: 5000 })
  try {
    return count(database, `SELECT count(*) FROM turns WHERE state IN ('queued', 'executing')`)
  } finally {
    database.close()
  }
}

/** Compares what was acknowledged with what the database holds, and looks for traces of two runners. */
export function verifyDatabase(file: string, entries: readonly LedgerEntry[]): Check[] {
  const database = new DatabaseSync(file, { readOnly: true, timeout: 5000 })
  try {
    return [
      checkMessages(database, entries),
      checkRuns(database, entries),
      checkEvents(database),
      checkOverlap(database),
      checkOrder(database),
      checkIntegrity(database),
    ]
  } finally {
    database.close()
  }
}

function checkMessages(database: DatabaseSync, entries: readonly LedgerEntry[]): Check {
  const find = database.prepare(
    `SELECT count(*) AS copies FROM messages WHERE otid = ? AND role = 'user'`,
  )
  const copies = entries.map(({ otid }) => Number(find.get(otid)?.['copies']))
  const acknowledged = entries.filter(({ runId }) => runId !== null).length
  const lost = entries.filter(({ runId }, index) => runId !== null && copies[index] === 0).length
  const doubled = copies.filter((number) => number > 1).length
  return {
    name: 'every acknowledged message is stored once',
    passed: lost === 0 && doubled === 0 && acknowledged > 0,
    detail: `${entries.length} sent, ${acknowledged} acknowledged, ${lost} lost, ${doubled} stored twice`,
  }
}

function checkRuns(database: DatabaseSync, entries: readonly LedgerEntry[]): Check {
  const find = database.prepare(`SELECT status, stop_reason FROM runs WHERE id = ?`)
  const outcomes = entries.filter(({ runId }) => runId !== null).map(({ runId }) => find.get(runId))
  const bad = outcomes.filter(
    (run) => run?.['status'] !== 'completed' || run['stop_reason'] !== 'end_turn',
  )
  const open = count(database, `SELECT count(*) FROM runs WHERE completed_at IS NULL`)
  return {
    name: 'every acknowledged message was answered',
    passed: bad.length === 0 && open === 0,
    detail: `${outcomes.length} runs, ${bad.length} without answer, ${open} still open${example(bad[0])}`,
  }
}

function checkEvents(database: DatabaseSync): Check {
  const gaps = count(
    database,
    `SELECT count(*) FROM (
       SELECT run_id FROM events GROUP BY run_id
       HAVING min(sequence) <> 1 OR max(sequence) <> count(*))`,
  )
  const wrongEnds = count(
    database,
    `SELECT count(*) FROM runs r WHERE r.completed_at IS NOT NULL AND (
       SELECT count(*) FROM events e
       WHERE e.run_id = r.id AND e.body LIKE '{"type":"run-ended"%') <> 1`,
  )
  const afterEnd = count(
    database,
    `SELECT count(*) FROM events e WHERE e.body LIKE '{"type":"run-ended"%' AND EXISTS (
       SELECT 1 FROM events later WHERE later.run_id = e.run_id AND later.sequence > e.sequence)`,
  )
  const events = count(database, `SELECT count(*) FROM events`)
  return {
    name: "every run's events are numbered without gaps and end with one run-ended",
    passed: gaps === 0 && wrongEnds === 0 && afterEnd === 0 && events > 0,
    detail: `${events} events, ${gaps} runs with gaps, ${wrongEnds} with another number of ends, ${afterEnd} with events after it`,
  }
}

function checkOverlap(database: DatabaseSync): Check {
  const overlaps = count(
    database,
    `WITH spans AS (
       SELECT r.conversation_id, r.id, min(e.created_at) AS first, max(e.created_at) AS last
       FROM runs r JOIN events e ON e.run_id = r.id GROUP BY r.id)
     SELECT count(*) FROM spans a JOIN spans b
       ON a.conversation_id = b.conversation_id AND a.id < b.id
      AND a.first < b.last AND b.first < a.last`,
  )
  return {
    name: 'no two runs of a conversation overlap',
    passed: overlaps === 0,
    detail: `${overlaps} pairs overlap`,
  }
}

/** What a turn says stands together: user, assistant, user, assistant. */
function checkOrder(database: DatabaseSync): Check {
  const rows = database
    .prepare(
      `SELECT i.conversation_id AS conversation, m.role FROM conversation_items i
       JOIN messages m ON m.id = i.message_id
       WHERE m.role IN ('user', 'assistant') ORDER BY i.conversation_id, i.position`,
    )
    .all()
  let mixed = 0
  let before: { conversation: unknown; role: unknown } = { conversation: null, role: null }
  for (const row of rows) {
    const { conversation, role } = row
    const isFirst = conversation !== before.conversation
    const expected = isFirst || before.role === 'assistant' ? 'user' : 'assistant'
    if (role !== expected) mixed += 1
    before = { conversation, role }
  }
  return {
    name: 'in every conversation questions and answers take turns',
    passed: mixed === 0 && rows.length > 0,
    detail: `${rows.length} messages in place, ${mixed} out of turn`,
  }
}

function checkIntegrity(database: DatabaseSync): Check {
  const row = database.prepare('PRAGMA integrity_check').get()
  const answer = String(row?.['integrity_check'])
  return { name: 'the database file is sound', passed: answer === 'ok', detail: answer }
}

function count(database: DatabaseSync, sql: string): number {
  const row = database.prepare(sql).get() ?? {}
  return Number(Object.values(row)[0])
}

function example(row: unknown): string {
  return row === undefined ? '' : `, for instance ${JSON.stringify(row)}`
}
