import { renderSystemView } from '../../context/system-view.ts'
import type { Agent } from '../../domain/agent.ts'
import type { Block } from '../../domain/block.ts'
import type { Conversation } from '../../domain/conversation.ts'
import { type Fact, isTrusted } from '../../domain/fact.ts'
import type { Message } from '../../domain/message.ts'
import type { TenantScope } from '../../domain/scope.ts'
import { promptFacts } from '../../storage/contract/turn-store.ts'
import type { AppParts } from '../app-parts.ts'

/** The most tags of archival memory that the system message names. */
const maxTags = 50

/** The system message of a conversation as it would be compiled now. */
export async function compileSystemView(
  { store, clock }: Pick<AppParts, 'store' | 'clock'>,
  scope: TenantScope,
  place: { readonly agent: Agent; readonly conversation: Conversation },
): Promise<string> {
  const { agent, conversation } = place
  const known = { validAt: clock.now(), order: 'known', limit: promptFacts } as const
  const [blocks, messages, views, passages, told] = await Promise.all([
    store.listAgentBlocks(scope, { agentId: agent.id }),
    store.countMessages(scope, { agentId: agent.id }),
    store.listViewMessageIds(scope, { conversationIds: [conversation.id] }),
    store.countPassages(scope, { agentId: agent.id }),
    store.listFacts(scope, { agentId: agent.id, ...known }),
  ])
  const facts = told.filter(({ origin }) => isTrusted(origin))
  const inView = views[conversation.id]?.length ?? 0
  return renderSystemView(agent, blocks, {
    conversationLabel: conversation.isDefault ? 'default' : conversation.id,
    compiledAt: lastChange({ agent, blocks, conversation, facts }),
    facts,
    previousMessages: Math.max(0, messages - inView),
    passages,
    passageTags:
      passages === 0
        ? []
        : await store.listPassageTags(scope, { agentId: agent.id, limit: maxTags }),
  })
}

function lastChange(whose: {
  readonly agent: Agent
  readonly blocks: readonly Block[]
  readonly conversation: Conversation
  readonly facts: readonly Fact[]
}): number {
  const { agent, blocks, conversation, facts } = whose
  return Math.max(
    agent.createdAt,
    conversation.createdAt,
    ...blocks.map((block) => block.updatedAt),
    ...facts.map((fact) => fact.recordedAt),
  )
}

/** The system message of a conversation that is about to be opened: nothing was said before it. */
export function openingSystemView(
  agent: Agent,
  blocks: readonly Block[],
  opening: { readonly conversationLabel: string; readonly compiledAt: number },
): string {
  return renderSystemView(agent, blocks, {
    ...opening,
    previousMessages: 0,
    passages: 0,
    passageTags: [],
    facts: [],
  })
}

/** Messages with the text of each system message that opens a conversation compiled anew. */
export async function withSystemViews(
  parts: Pick<AppParts, 'store' | 'clock'>,
  scope: TenantScope,
  messages: readonly Message[],
): Promise<readonly Message[]> {
  return await Promise.all(
    messages.map(async (message) => {
      if (message.role !== 'system') return message
      const { store } = parts
      const conversation = await store.getConversation(scope, { id: message.conversationId })
      if (conversation.systemMessageId !== message.id) return message
      const agent = await store.getAgent(scope, { id: message.agentId })
      const text = await compileSystemView(parts, scope, { agent, conversation })
      return { ...message, content: [{ type: 'text' as const, text }] }
    }),
  )
}
