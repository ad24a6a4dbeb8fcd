import { isCutFrom } from '../../domain/forget.ts'
import type { ImportedBatch, ImportSummary } from '../../domain/import.ts'
import { type Message, messageText } from '../../domain/message.ts'
import { AppError } from '../../errors/app-error.ts'
import type { ImportBatch } from '../contract/import-store.ts'
import type { NewMessage } from '../contract/new-message.ts'
import { moveHead } from './conversation-changes.ts'
import {
  asInteger,
  asJson,
  asOptionalText,
  asText,
  type SqlExpression,
  type SqlRow,
} from './sql-value.ts'
import type { ChangeTarget } from './table.ts'

/** An otid that an agent has imported before. */
export interface KnownOtid {
  /** Null = the import was forgotten as a whole. */
  readonly importId: string | null
  /** What it stands for; null = its message was forgotten. */
  readonly said: Said | null
}

/** Who said what. */
type Said = Pick<Message, 'role' | 'content'>

/** The columns of `imported_messages known` that tell of an otid: {@link toKnownOtids} reads them. */
export const knownOtidColumns = `known.otid, known.conversation_id,
  (SELECT m.role FROM messages m WHERE m.tenant_id = known.tenant_id AND m.id = known.message_id),
  (SELECT m.content FROM messages m WHERE m.tenant_id = known.tenant_id AND m.id = known.message_id)`

/** What is known of otids, by otid, in the order of the rows. */
export function toKnownOtids(rows: readonly SqlRow[]): ReadonlyMap<string, KnownOtid> {
  return new Map(
    rows.map(([otid, importId, role, content]) => [
      asText(otid),
      { importId: asText(importId) || null, said: toSaid(asOptionalText(role), content) },
    ]),
  )
}

function toSaid(role: string | null, content: SqlRow[number] | undefined): Said | null {
  return role === null
    ? null
    : { role: role as Message['role'], content: asJson<Message['content']>(content) }
}

/**
 * The messages that are new, each otid once, how many are not, and which import has those.
 *
 * @throws AppError `otid_reused` when one comes with an otid that stands for something else: its words would be lost.
 */
export function leaveOutKnown(
  messages: readonly NewMessage[],
  known: ReadonlyMap<string, KnownOtid>,
): Omit<ImportedBatch, 'stored'> & { readonly fresh: readonly NewMessage[] } {
  const seen = new Map<string, Said | null>([...known].map(([otid, { said }]) => [otid, said]))
  const reused = new Set<string>()
  const fresh = messages.filter(({ message }) => {
    const { otid } = message
    const said = seen.get(otid)
    if (said === undefined) {
      seen.set(otid, message)
      return true
    }
    if (said !== null && !saysTheSame(said, message)) reused.add(otid)
    return false
  })
  if (reused.size > 0) throw otidsReused([...reused])
  const given = [...known.values()]
  return {
    fresh,
    known: messages.length - fresh.length,
    forgotten: given.filter(({ said }) => said === null).length,
    importId: given.find(({ importId }) => importId !== null)?.importId ?? null,
  }
}

/** Words that were forgotten since cannot be compared; they stay away. */
function saysTheSame(stored: Said, given: Said): boolean {
  if (stored.role !== given.role) return false
  const [before, now] = [messageText(stored), messageText(given)]
  return before === now || isCutFrom(before, now)
}

/** How many otids an error names. */
const namedOtids = 10

function otidsReused(otids: readonly string[]): AppError {
  const named = otids.slice(0, namedOtids).map((otid) => JSON.stringify(otid))
  const more = otids.length > named.length ? ` and ${otids.length - named.length} more` : ''
  return new AppError(
    'otid_reused',
    `Cannot import the messages: ${named.join(', ')}${more} came with other words before, or twice with different ones. ` +
      'Nothing of this batch was stored. Give what is new an otid of its own.',
    { data: { otids: otids.slice(0, 1000) } },
  )
}

/**
 * Keeps the keys of imported messages that were forgotten before their conversation goes, so that they stay away when they
 * are imported again.
 */
export function keepForgottenKeys(tenantId: string, conversationId: string): SqlExpression {
  return {
    sql: `UPDATE imported_messages SET conversation_id = ''
      WHERE tenant_id = ? AND conversation_id = ? AND NOT EXISTS (SELECT 1 FROM messages m
        WHERE m.tenant_id = imported_messages.tenant_id AND m.id = imported_messages.message_id)`,
    values: [tenantId, conversationId],
  }
}

/** There is no such import of the agent. */
export function importNotFound(importId: string): AppError {
  return new AppError(
    'not_found',
    `Cannot find the import ${importId}: the agent has none with this id. List its imports.`,
  )
}

/** Somebody talks in the conversation of the import. */
function importIsRunning(importId: string): AppError {
  return new AppError(
    'conflict',
    `Cannot add to the import ${importId}: a turn runs in its conversation. Try again when it has ended, or begin another import.`,
  )
}

/** The query that finds a row when an agent has an import. */
export function selectImport(
  tenantId: string,
  { agentId, importId }: Pick<ImportBatch, 'agentId' | 'importId'>,
): SqlExpression {
  return {
    sql: `SELECT 1 FROM imported_messages WHERE tenant_id = ? AND conversation_id = ? AND agent_id = ?
     LIMIT 1`,
    values: [tenantId, importId, agentId],
  }
}

/** The query for the imports of an agent, newest first. */
export function selectImports(tenantId: string, agentId: string): SqlExpression {
  return {
    sql: `SELECT conversation_id, count(*), min(imported_at) FROM imported_messages
       WHERE tenant_id = ? AND agent_id = ? AND conversation_id <> '' GROUP BY conversation_id
       ORDER BY 3 DESC, conversation_id`,
    values: [tenantId, agentId],
  }
}

/** The import in a row of {@link selectImports}. */
export function toImport([importId, messageCount, importedAt]: SqlRow): ImportSummary {
  return {
    importId: asText(importId),
    messageCount: asInteger(messageCount),
    importedAt: asInteger(importedAt),
  }
}

/** The query for the end of the conversation of an import, and whether somebody talks in it. */
export function selectImportEnd(tenantId: string, importId: string): SqlExpression {
  return {
    sql: `SELECT next_position, lease_owner FROM conversation_heads
     WHERE tenant_id = ? AND conversation_id = ?`,
    values: [tenantId, importId],
  }
}

/** The next position in the row of {@link selectImportEnd}. Throws `not_found`, or `conflict` while somebody talks. */
export function requireIdle(importId: string, row: SqlRow | undefined): number {
  if (row === undefined) throw importNotFound(importId)
  if (asOptionalText(row[1]) !== null) throw importIsRunning(importId)
  return asInteger(row[0])
}

/** Notes what messages were imported, once they are stored from a position on. */
export function noteImported(
  target: ChangeTarget,
  tenantId: string,
  given: {
    readonly batch: Pick<ImportBatch, 'agentId' | 'importId' | 'at'>
    readonly firstPosition: number
    readonly stored: readonly Pick<Message, 'id' | 'otid' | 'createdAt'>[]
  },
): void {
  const { batch, firstPosition, stored } = given
  const { agentId, importId, at } = batch
  for (const { otid, id } of stored) {
    target.post(
      `INSERT INTO imported_messages
         (tenant_id, agent_id, otid, conversation_id, message_id, imported_at)
       VALUES (?, ?, ?, ?, ?, ?)`,
      tenantId,
      agentId,
      otid,
      importId,
      id,
      at,
    )
  }
  const nextPosition = firstPosition + stored.length
  moveHead(target, tenantId, { conversationId: importId, nextPosition })
  const newest = Math.max(...stored.map(({ createdAt }) => createdAt))
  target.post(
    `UPDATE conversations SET updated_at = ?,
       last_message_at = CASE WHEN last_message_at < ? THEN ? ELSE last_message_at END
     WHERE tenant_id = ? AND id = ?`,
    at,
    newest,
    newest,
    tenantId,
    importId,
  )
}
