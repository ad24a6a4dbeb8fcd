import type { Letta } from '@letta-ai/letta-client'
import { explain } from './request.ts'

/** What is to be forgotten. */
export interface ForgetRequest {
  /**
   * Ids of messages, passages, facts, blocks, runs, turns, conversations (an import is one) and agents; a version of a block as
   * `block-…@3`; a change of memory as `m-12`. Facts and changes need the agent.
   */
  readonly ids?: readonly string[] | undefined
  /** Words: everything of the agent that holds them. */
  readonly query?: string | undefined
  /** Of what holds the words only the words go. Default: the whole message or passage, with its turn. */
  readonly cutOnly?: boolean | undefined
  /** Also in the agents that share a block or archive with those named. Default: no, a preview says what they hold. */
  readonly includeShared?: boolean | undefined
  /** Whose memory `query` and changes are about. */
  readonly agentId?: string | undefined
}

/** What agents that share a block or archive hold of it, and keep. */
export interface ForgetElsewhere {
  readonly agents: readonly {
    /** Null = the key may not see it. */
    readonly agent_id: string | null
    /** In how many of its rows. */
    readonly rows: number
  }[]
  /** How many such agents were not searched. */
  readonly unsearched: number
}

/** One thing that would go or change. */
export interface ForgetItem {
  /** Such as `message`, `passage`, `block`. */
  readonly kind: string
  readonly id: string
  /** `asked` for; said in the `same-turn`; `derived` from it; `quotes` it. */
  readonly reason: 'asked' | 'same-turn' | 'derived' | 'quotes'
  /** `remove`: it goes; `empty`: its place stays, without words; `cut`: only the words go. */
  readonly effect: 'remove' | 'empty' | 'cut'
  readonly snippet: string | null
  /** What the snippet says afterwards, where it is cut; null = nothing, or it is not shown. Of a block both are its lines that change. */
  readonly becomes: string | null
  readonly date: string | null
}

/** What would be forgotten; nothing is, until it is confirmed. */
export interface ForgetPreview {
  /** Confirms exactly this. */
  readonly token: string
  readonly counts: Readonly<Record<string, number>>
  readonly items: readonly ForgetItem[]
  readonly elsewhere: ForgetElsewhere
}

/** The proof of a forgetting, without anything of what is gone. */
export interface ForgetReceipt {
  readonly id: string
  readonly agent_id: string | null
  readonly origin: 'ids' | 'query' | 'retention'
  /** `removed`: from every table and index. `done`: also from free pages, the database's log and log files. */
  readonly state: 'removed' | 'done'
  readonly counts: Readonly<Record<string, number>>
  readonly residue: {
    readonly rows_searched: number
    /** Null = nobody could look, as the program was ended in between. */
    readonly rows_found: number | null
    readonly files_searched: number
    readonly files_found: number | null
    /** Null = nobody looked. */
    readonly elsewhere: ForgetElsewhere | null
  } | null
  readonly cleaning: Readonly<Record<string, unknown>> | null
  /** Where it may still lie, out of the program's reach. */
  readonly outside: readonly string[]
  readonly requested_by_id: string
  readonly created_at: string
  readonly completed_at: string | null
}

/** Removing for good. Every operation throws `LettaError`. */
export interface Forgetting {
  /** What would go. `conflict` while a turn that it belongs to is not over. */
  preview(request: ForgetRequest): Promise<ForgetPreview>
  /** Forgets what a preview showed; `conflict` when something else would go by now, and nothing is forgotten then. */
  confirm(request: ForgetRequest, token: string): Promise<ForgetReceipt>
  /** Receipts, newest first. */
  list(query?: {
    readonly limit?: number | undefined
    readonly before?: string | undefined
  }): Promise<readonly ForgetReceipt[]>
  /** `not_found` when there is none. */
  get(id: string): Promise<ForgetReceipt>
}

/** Forgetting through the connection of the official client. */
export function createForgetting(letta: Letta): Forgetting {
  const root = '/v1/forget'
  return {
    preview: (request) =>
      explain(() => letta.post<ForgetPreview>(`${root}/preview`, { body: toBody(request) })),
    confirm: (request, token) =>
      explain(() => letta.post<ForgetReceipt>(root, { body: { ...toBody(request), token } })),
    list: (query = {}) => explain(() => letta.get<readonly ForgetReceipt[]>(root, { query })),
    get: (id) => explain(() => letta.get<ForgetReceipt>(`${root}/${encodeURIComponent(id)}`)),
  }
}

function toBody({
  ids,
  query,
  cutOnly,
  includeShared,
  agentId,
}: ForgetRequest): Record<string, unknown> {
  return {
    ...(ids !== undefined && { ids }),
    ...(query !== undefined && { query }),
    ...(cutOnly !== undefined && { cut_only: cutOnly }),
    ...(includeShared !== undefined && { include_shared: includeShared }),
    ...(agentId !== undefined && { agent_id: agentId }),
  }
}
