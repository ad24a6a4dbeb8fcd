import type { Passage } from '../../domain/archive.ts'
import type { Fact } from '../../domain/fact.ts'
import { messageText, type Message } from '../../domain/message.ts'
import type { TenantScope } from '../../domain/scope.ts'
import { saysAll, wordsOf } from '../../memory/analysis/words-of.ts'
import type { AppParts } from '../app-parts.ts'
import { eachPassage } from './each-passage.ts'
import { lastChanges } from './plan-cleanup.ts'
import type { PartialWrite } from './write-memory.ts'

/** How many messages are read at a time. */
const pageSize = 500

/** An import of an agent. */
interface WhichImport {
  readonly agentId: string
  readonly importId: string
}

/**
 * What of memory goes when an import is taken back: facts and texts of the archive that were taken from its messages, unless a
 * message that stays says the same. `not_found` for the agent.
 */
export async function planImportUndo(
  parts: Pick<AppParts, 'store'>,
  scope: TenantScope,
  which: WhichImport,
): Promise<PartialWrite> {
  const { agentId } = which
  const facts = await parts.store.listFacts(scope, { agentId, limit: Number.MAX_SAFE_INTEGER })
  const passages: Passage[] = []
  for await (const passage of eachPassage(parts, scope, agentId)) {
    if (passage.sourceMessageIds.length > 0) passages.push(passage)
  }
  const sources = await readSources(parts, scope, [...facts, ...passages])
  const restsOnImport = ({ sourceMessageIds }: Sourced, text: string): boolean => {
    const said = sourceMessageIds.flatMap((id) => sources.get(id) ?? [])
    const others = said.filter(({ conversationId }) => conversationId !== which.importId)
    const wanted = wordsOf(text)
    const isSaid = others.some((message) => saysAll(wordsOf(messageText(message)), wanted))
    return others.length < said.length && !isSaid
  }
  const gone = passages.filter((passage) => restsOnImport(passage, passage.text))
  const itemIds = gone.map(({ id }) => id)
  const versions = await lastChanges(parts, scope, { agentId, itemIds })
  return {
    facts: facts
      .filter((fact) => restsOnImport(fact, fact.value))
      .map(({ id: factId, version: expectedVersion }) => ({
        action: 'delete',
        factId,
        expectedVersion,
      })),
    deletedPassages: itemIds.map((passageId) => ({
      passageId,
      expectedVersion: versions.get(passageId)?.version ?? 1,
    })),
  }
}

type Sourced = Pick<Fact | Passage, 'sourceMessageIds'>

/** The messages that these were taken from, by id, without those that are not stored any more. */
async function readSources(
  { store }: Pick<AppParts, 'store'>,
  scope: TenantScope,
  sourced: readonly Sourced[],
): Promise<ReadonlyMap<string, Message>> {
  const ids = [...new Set(sourced.flatMap(({ sourceMessageIds }) => sourceMessageIds))]
  const found = new Map<string, Message>()
  for (let start = 0; start < ids.length; start += pageSize) {
    const page = await store.getMessages(scope, { ids: ids.slice(start, start + pageSize) })
    for (const message of page) found.set(message.id, message)
  }
  return found
}
