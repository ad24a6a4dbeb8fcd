import type { Agent } from '../../domain/agent.ts'
import type { Block, ChangeCause } from '../../domain/block.ts'
import type { Conversation } from '../../domain/conversation.ts'
import type { StopReason } from '../../domain/run.ts'
import type { TenantScope } from '../../domain/scope.ts'
import type { SleeptimeGroup } from '../../domain/sleeptime.ts'
import type { NewMessage } from './new-message.ts'
import type { Page } from './page.ts'

/** Agents with what belongs to them. */
export interface AgentStore {
  /**
   * Stores an agent with its new blocks, attached blocks, default conversation and first messages, unless one makes it
   * needless ({@link NewAgent.unless}): then nothing is stored and that one is returned. Of several callers at once with
   * the same condition, one stores its agent and all are given it.
   * `not_found` when an attached block does not exist; `conflict` when two attached blocks share a label.
   */
  createAgent(scope: TenantScope, input: NewAgent): Promise<Agent>
  /**
   * Stores an agent that looks after another one's memory, with their group, which becomes part of the agent that is
   * served: one that is stored with it, or one that is there. Returns that one. Nothing is stored when another makes the
   * served one needless. `conflict` when it has a group already; else the errors of {@link AgentStore.createAgent}.
   */
  createSleeptimePair(scope: TenantScope, input: SleeptimePair): Promise<Agent>
  /** `not_found` when there is none. */
  getAgent(scope: TenantScope, input: { readonly id: string }): Promise<Agent>
  /** Agents that pass the filter, paged by `orderBy`, ties by id; null completion times come last. */
  listAgents(
    scope: TenantScope,
    input: { readonly filter: AgentFilter; readonly page: AgentPage },
  ): Promise<readonly Agent[]>
  /** How many agents pass the filter. */
  countAgents(scope: TenantScope, input: { readonly filter: AgentFilter }): Promise<number>
  /** Changes the fields that are present; lists replace. The same errors as {@link AgentStore.createAgent}. */
  updateAgent(scope: TenantScope, input: AgentPatch): Promise<Agent>
  /**
   * Removes the agent, its conversations, messages, runs, events and the archive that only it has. Blocks remain,
   * detached: they are objects of their own. `not_found` when there is none.
   */
  deleteAgent(scope: TenantScope, input: { readonly id: string }): Promise<void>
  /** Attaches a block at the end; nothing changes when it is attached. `conflict` on a label clash. */
  attachBlock(scope: TenantScope, input: AgentBlock): Promise<Agent>
  /** Detaches a block; `not_found` when it is not attached. */
  detachBlock(scope: TenantScope, input: AgentBlock): Promise<Agent>
  /**
   * Counts tokens that a model takes to look after an agent's memory, unless the day would have more than its limit then:
   * nothing changes in that case. What is reserved before a call and given back after it stays counted when the process
   * dies in between. `not_found`.
   */
  spendTokens(scope: TenantScope, input: TokenSpending): Promise<TokenBudget>
}

/** Tokens of a day. */
export interface TokenSpending {
  readonly agentId: string
  /** Days since 1970 in UTC; what belongs to a day before the last one that was counted is not counted any more. */
  readonly day: number
  /** Less than 0 gives back; 0 only looks. */
  readonly tokens: number
  /** The most of a day; null = whatever it comes to. */
  readonly limit: number | null
  /** Stands for what the model has seen; absent = that stays. */
  readonly mark?: number
}

/** How much of a day is spent. */
export interface TokenBudget {
  /** Of the day asked for. */
  readonly used: number
  /** Whether the tokens were within the limit, and are counted. */
  readonly isGranted: boolean
  /** What the model saw last; 0 = nothing. */
  readonly mark: number
}

/** What {@link AgentStore.createAgent} stores in one transaction. */
export interface NewAgent {
  /** `blockIds` lists new and existing blocks in prompt order. */
  readonly agent: Agent
  /** Blocks to create; the others in `agent.blockIds` exist. */
  readonly newBlocks: readonly Block[]
  readonly conversation: Conversation
  /** Messages of the default conversation in order; the first is the system message. Stored at positions 1, 2, … */
  readonly messages: readonly NewMessage[]
  readonly cause: ChangeCause
  /** The oldest agent that passes this filter makes the new one needless. Default: none does. */
  readonly unless?: AgentFilter
}

/** What {@link AgentStore.createSleeptimePair} stores in one transaction. */
export interface SleeptimePair {
  /** The agent that is served: a new one, or the identifier of one that is there, with when and by whom it is changed. */
  readonly served:
    | NewAgent
    | { readonly id: string; readonly at: number; readonly updatedById: string }
  /** The agent that serves; may be given blocks that are new with the other one. */
  readonly companion: NewAgent
  readonly group: SleeptimeGroup
}

/** One agent and one block. */
export interface AgentBlock {
  readonly agentId: string
  readonly blockId: string
  readonly at: number
}

/** Which agents to list; absent fields do not filter. */
export interface AgentFilter {
  readonly ids?: readonly string[]
  readonly name?: string
  /** Part of the name, without regard to case. */
  readonly nameContains?: string
  readonly tags?: readonly string[]
  /** Whether all tags must match. Default: any. */
  readonly matchAllTags?: boolean
  readonly lastStopReason?: StopReason
  readonly createdById?: string
  readonly blockId?: string
  /** Wire fields kept in `extra` that must be equal, such as `project_id`. */
  readonly extra?: Readonly<Record<string, string | boolean>>
  /** Default: hidden agents are left out. */
  readonly includeHidden?: boolean
}

/** How to walk through agents; an unknown cursor starts at the beginning, as in V1. */
export interface AgentPage extends Page {
  readonly orderBy: 'createdAt' | 'updatedAt' | 'lastRunCompletion'
}

/** The changeable fields of an agent. */
export interface AgentPatch {
  readonly id: string
  readonly at: number
  readonly updatedById: string
  readonly set: Partial<
    Pick<
      Agent,
      | 'name'
      | 'agentType'
      | 'system'
      | 'model'
      | 'modelSettings'
      | 'contextWindow'
      | 'embedding'
      | 'description'
      | 'metadata'
      | 'tags'
      | 'toolIds'
      | 'blockIds'
      | 'toolRules'
      | 'secrets'
      | 'memoryMode'
      | 'consolidation'
      | 'timezone'
      | 'hidden'
      | 'extra'
      | 'lastRunCompletion'
      | 'lastRunDurationMs'
      | 'lastStopReason'
    >
  >
}
