import { newIdentifier } from '../../domain/identifier.ts'
import type { ImportedBatch, ImportSummary } from '../../domain/import.ts'
import type { Agent } from '../../domain/agent.ts'
import type { Message } from '../../domain/message.ts'
import type { TenantScope } from '../../domain/scope.ts'
import { redactSecrets } from '../../memory/redact-secrets.ts'
import { messageEntry } from '../../memory/search/search-entry.ts'
import type { ImportBatch } from '../../storage/contract/import-store.ts'
import type { HistoryMessage } from '../../wire/message-import.ts'
import type { AppParts } from '../app-parts.ts'
import type { DescribedChange } from './memory-views.ts'
import { newConversation } from './new-conversation.ts'
import { openingSystemView } from './system-views.ts'
import { planImportUndo } from './undo-import.ts'
import { writeMemory } from './write-memory.ts'

/** A history to bring in. */
export interface HistoryDraft {
  /** In the order they were said. */
  readonly messages: readonly HistoryMessage[]
  /** The import to add to; null = a new one. */
  readonly importId: string | null
}

/** Bringing in what was said elsewhere. */
export interface ImportService {
  /**
   * Stores a history without calling a model, found at once; what has an otid is stored once. Secrets of well-known
   * forms are taken out. `otid_reused` when one comes with an otid that stands for other words, `not_found` for the agent or import, `conflict` while a turn runs in the import's conversation.
   */
  importMessages(
    scope: TenantScope,
    agentId: string,
    draft: HistoryDraft,
  ): Promise<ImportedBatch & { readonly redacted: number }>
  /** Newest first. `not_found`. */
  list(scope: TenantScope, agentId: string): Promise<readonly ImportSummary[]>
  /**
   * Takes a whole import back, with the facts and texts of the archive that rested on it alone; these are changes that can be taken back in turn.
   * `not_found`.
   */
  delete(scope: TenantScope, agentId: string, importId: string): Promise<readonly DescribedChange[]>
}

/** Makes the service of imports. */
export function createImportService(parts: AppParts): ImportService {
  const { store, clock } = parts
  return {
    async importMessages(scope, agentId, draft) {
      const agent = await store.getAgent(scope, { id: agentId })
      const at = clock.now()
      const importId = draft.importId ?? newIdentifier(parts.ids, 'conversation')
      const start =
        draft.importId === null ? await begin(parts, scope, { agent, importId, at }) : null
      const history = draft.messages.map((message) =>
        toMessage(parts, { agent, importId, message, at }),
      )
      const batch = await store.importMessages(scope, {
        agentId,
        importId,
        start,
        messages: history.map(({ message, session }) => ({
          message,
          entry: messageEntry(message, { timezone: agent.timezone, session }),
        })),
        at,
      })
      return { ...batch, redacted: history.reduce((sum, { redacted }) => sum + redacted, 0) }
    },
    list: (scope, agentId) => store.listImports(scope, { agentId }),
    delete: (scope, agentId, importId) =>
      writeMemory(parts, scope, {
        agentId,
        reason: 'undo import',
        plan: () => planImportUndo(parts, scope, { agentId, importId }),
        commit: (memory) => store.deleteImport(scope, { agentId, importId, memory }),
      }),
  }
}

async function begin(
  parts: AppParts,
  scope: TenantScope,
  given: { readonly agent: Agent; readonly importId: string; readonly at: number },
): Promise<ImportBatch['start']> {
  const { agent, importId: id, at } = given
  const blocks = await parts.store.listAgentBlocks(scope, { agentId: agent.id })
  const system = openingSystemView(agent, blocks, { conversationLabel: id, compiledAt: at })
  const day = new Date(at).toISOString().slice(0, 10)
  const fields = { summary: `Imported on ${day}` }
  return newConversation(parts.ids, {
    id,
    agent,
    isDefault: false,
    system,
    initial: [],
    at,
    fields,
  })
}

function toMessage(
  parts: AppParts,
  given: {
    readonly agent: Agent
    readonly importId: string
    readonly message: HistoryMessage
    readonly at: number
  },
): { readonly message: Message; readonly session: string | null; readonly redacted: number } {
  const { agent, importId, at } = given
  const { role, name, otid, createdAt, session } = given.message
  const { text, count: redacted } = redactSecrets(given.message.text)
  const message: Message = {
    id: newIdentifier(parts.ids, 'message'),
    agentId: agent.id,
    conversationId: importId,
    role,
    content: [{ type: 'text', text }],
    toolCalls: [],
    toolReturns: [],
    approvals: [],
    name,
    otid: otid ?? parts.ids.uuid(),
    senderId: null,
    groupId: null,
    runId: null,
    stepId: null,
    model: null,
    isError: false,
    searchable: true,
    createdAt: createdAt ?? at,
    sequence: 0,
  }
  return { message, session, redacted }
}
