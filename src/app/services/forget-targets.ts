import type { ForgetTarget } from '../../domain/forget.ts'
import { identifierPattern } from '../../domain/identifier.ts'
import { parseChangeName } from '../../domain/memory-change.ts'
import type { TenantScope } from '../../domain/scope.ts'
import { AppError } from '../../errors/app-error.ts'
import type { ForgetWish } from '../../memory/forget/forget-plan.ts'
import type { ForgetOwners } from '../../storage/contract/forget-store.ts'
import type { AppParts } from '../app-parts.ts'

/** What somebody asks to be forgotten. */
export interface ForgetRequest {
  /**
   * Identifiers of messages, passages, facts, blocks, runs, turns, conversations (an import is one) and agents; a version as
   * `block-…@3`; a change of memory as `m-12`. Facts and changes need the agent.
   */
  readonly ids: readonly string[]
  /** Words: everything of the agent that holds them. */
  readonly query: string | null
  /** Whether of what holds the words only the words go. */
  readonly cutOnly: boolean
  /** Whether it is about the agents, too, that share a block or archive with those named. Default: no. */
  readonly includeShared?: boolean
  /** Whose memory a query and changes are about; null = the targets say it. */
  readonly agentId: string | null
}

/** Finds out what identifiers mean and whose memory it is about. `not_found`, `invalid_argument`. */
export async function resolveWish(
  parts: Pick<AppParts, 'store'>,
  scope: TenantScope,
  request: ForgetRequest,
): Promise<{ readonly wish: ForgetWish; readonly named: ForgetOwners }> {
  const { ids, query, cutOnly, agentId } = request
  if (ids.length === 0 && query === null) {
    throw new AppError(
      'invalid_argument',
      'Cannot forget: nothing was named. Give ids, or words to look for.',
    )
  }
  if (query !== null && agentId === null) {
    throw new AppError(
      'invalid_argument',
      'Cannot forget by a query: it does not say whose memory. Give an agent_id.',
    )
  }
  const targets = [...new Set(ids)].map(toTarget)
  if (agentId === null && targets.some(needsAgent)) {
    throw new AppError(
      'invalid_argument',
      'Cannot forget a fact or a change: it does not say whose memory. Give an agent_id.',
    )
  }
  const found = await Promise.all(targets.map((target) => ownersOf(parts, scope, target)))
  const own = agentId === null ? [] : [agentId]
  const blocks = await ownBlocks(parts, scope, targets)
  return {
    wish: { targets: [...targets, ...blocks], query, cutOnly, keepQuotes: false },
    named: {
      agentIds: [...new Set([...own, ...found.flatMap(({ agentIds = [] }) => agentIds)])],
      archiveIds: [...new Set(found.flatMap(({ archiveIds = [] }) => archiveIds))],
      blockIds: [...new Set(found.flatMap(({ blockIds = [] }) => blockIds))],
    },
  }
}

/** Facts and changes are known to their agent only. */
function needsAgent(target: ForgetTarget): boolean {
  if (target.kind === 'version') return target.id.startsWith('fact-')
  return target.kind === 'change' || target.kind === 'fact'
}

const kinds = [
  'message',
  'passage',
  'fact',
  'block',
  'run',
  'turn',
  'conversation',
  'agent',
] as const

function toTarget(text: string): ForgetTarget {
  const number = parseChangeName(text)
  if (number !== null) return { kind: 'change', number }
  const [id = '', version] = text.split('@')
  const kind = kinds.find((each) => identifierPattern(each).test(id))
  if (kind === undefined) throw unknownTarget(text)
  if (version === undefined) return toNamed(kind, id)
  if (
    !/^[1-9]\d{0,9}$/.test(version) ||
    (kind !== 'block' && kind !== 'passage' && kind !== 'fact')
  ) {
    throw unknownTarget(text)
  }
  return { kind: 'version', id, version: Number(version) }
}

function toNamed(kind: (typeof kinds)[number], id: string): ForgetTarget {
  return kind === 'message' || kind === 'passage' || kind === 'fact' ? { kind, id } : { kind, id }
}

async function ownersOf(
  { store }: Pick<AppParts, 'store'>,
  scope: TenantScope,
  target: ForgetTarget,
): Promise<Partial<ForgetOwners>> {
  switch (target.kind) {
    case 'message': {
      const [message] = await store.getMessages(scope, { ids: [target.id] })
      if (message === undefined) throw missing(target)
      return { agentIds: [message.agentId] }
    }
    case 'run':
      return { agentIds: [(await store.getRun(scope, { id: target.id })).agentId] }
    case 'turn':
      return { agentIds: [(await store.getTurn(scope, { id: target.id })).agentId] }
    case 'conversation':
      return { agentIds: [(await store.getConversation(scope, { id: target.id })).agentId] }
    case 'agent':
      return { agentIds: [target.id] }
    case 'block':
      return { blockIds: [target.id] }
    case 'version':
      if (target.id.startsWith('block-')) return { blockIds: [target.id] }
      if (target.id.startsWith('fact-')) return {}
      return await ownersOfPassage({ store }, scope, target.id)
    case 'passage':
      return await ownersOfPassage({ store }, scope, target.id)
    case 'fact':
    case 'change':
      return {}
  }
}

/** A passage that was deleted is known to the history of its agent only, who has to be named then. */
async function ownersOfPassage(
  { store }: Pick<AppParts, 'store'>,
  scope: TenantScope,
  id: string,
): Promise<Partial<ForgetOwners>> {
  const [passage] = await store.getPassages(scope, { ids: [id] })
  return passage === undefined ? {} : { archiveIds: [passage.archiveId] }
}

/** With an agent go the blocks that no other agent has. */
async function ownBlocks(
  { store }: Pick<AppParts, 'store'>,
  scope: TenantScope,
  targets: readonly ForgetTarget[],
): Promise<readonly ForgetTarget[]> {
  const agents = targets.flatMap((target) => (target.kind === 'agent' ? [target] : []))
  const found = await Promise.all(
    agents.map(async ({ id }) => {
      const blocks = await store.listAgentBlocks(scope, { agentId: id })
      const ids = blocks.map((block) => block.id)
      if (ids.length === 0) return []
      const only = await store.listBlocks(scope, {
        filter: { ids, agentCount: { max: 1 }, includeHidden: true },
        page: { limit: ids.length, order: 'asc' },
      })
      return only.map((block) => ({ kind: 'block', id: block.id }) as const)
    }),
  )
  return found.flat()
}

function missing({ kind, id }: { readonly kind: string; readonly id: string }): AppError {
  return new AppError(
    'not_found',
    `Cannot forget the ${kind} ${id}: there is none with this id. Check the id.`,
    { data: { kind, id } },
  )
}

function unknownTarget(text: string): AppError {
  return new AppError(
    'invalid_argument',
    `Cannot forget ${JSON.stringify(text)}: it is no id of a message, passage, fact, block, run, turn, conversation, agent or change. Check the id, or give words with --query.`,
  )
}
