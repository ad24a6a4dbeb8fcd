import type { Letta } from '@letta-ai/letta-client'
import { explain, withoutAbsent } from './request.ts'

/** A change of an agent's memory. */
export interface MemoryChange {
  /** What `undo` takes, such as `m-12`. */
  readonly id: string
  readonly kind: 'remembered' | 'changed' | 'forgotten'
  /** What it did, on one line. */
  readonly text: string
  readonly subject: 'block' | 'passage' | 'fact' | 'instruction'
  readonly item_id: string
  readonly label: string | null
  readonly action: 'create' | 'edit' | 'delete' | 'attach' | 'detach'
  readonly version: number
  readonly before_hash: string | null
  readonly after_hash: string | null
  readonly actor: { readonly kind: string; readonly id: string }
  readonly reason: string
  readonly source_message_ids: readonly string[]
  readonly agent_id: string | null
  readonly run_id: string | null
  readonly undoes: string | null
  readonly created_at: string
}

/** What differs between two states of an item of memory. */
export interface ItemDiff {
  /** All lines of both: ` ` = in both, `-` = only before, `+` = only after. */
  readonly lines: readonly { readonly sign: ' ' | '-' | '+'; readonly text: string }[]
  /** What changed besides the text, such as the label of a block. */
  readonly fields: readonly {
    readonly field: string
    readonly before: string | null
    readonly after: string | null
  }[]
}

/** A change line by line. */
export interface MemoryDiff extends MemoryChange, ItemDiff {}

/** Words that led to a line of memory, or that an answer rests on. */
export interface MemoryQuote {
  readonly message_id: string
  readonly text: string
  readonly date: string
}

/** A line of a block with its cause. */
export interface MemoryBlame {
  readonly line: string
  readonly change: MemoryChange | null
  readonly quotes: readonly MemoryQuote[]
}

/** A block, passage or fact as it was. */
export interface PastItem {
  readonly id: string
  readonly subject: 'block' | 'passage' | 'fact' | 'instruction'
  /** The block's label, or what the fact is about; null for a passage. */
  readonly label: string | null
  readonly value: string
  /** That of a block. */
  readonly description: string | null
  readonly version: number
}

/** An edit that waits for a review, or did. */
export interface MemoryProposal {
  readonly id: string
  readonly state: 'open' | 'applied' | 'rejected'
  readonly notes: readonly string[]
  readonly run_id: string | null
  readonly reason: string
  readonly source_message_ids: readonly string[]
  readonly created_at: string
  readonly settled_at: string | null
}

/** A proposed edit line by line. */
export interface MemoryProposalDiff extends MemoryProposal {
  /** What it would do to memory as it is now; of one that cannot be applied or is settled, to what it was made from. */
  readonly changes: readonly (ItemDiff & {
    readonly subject: MemoryChange['subject']
    /** Null = it would be new. */
    readonly item_id: string | null
    readonly label: string | null
    readonly action: MemoryChange['action']
  })[]
  /** Why an open one cannot be applied to memory as it is; null = nothing is in the way. */
  readonly obstacle: string | null
}

/** Something that a tool or the web told: kept, and in no prompt until it is approved. */
export interface HeldBack {
  readonly id: string
  readonly subject: 'passage' | 'fact'
  readonly text: string
  readonly origin: 'tool' | 'web'
  readonly source_message_ids: readonly string[]
  readonly created_at: string
}

/** A message, a text of the archive or a fact that an answer rests on. */
export interface AnswerSource {
  readonly id: string
  readonly role: string
  readonly text: string
  readonly date: string
}

/** What an answer rests on. */
export interface MemoryReasons {
  readonly run_id: string
  readonly answer: string
  /** Messages and archive texts that the turn found. */
  readonly found: readonly AnswerSource[]
  /** What was said or quoted in the conversation before and shares words with the answer. Servers that are older lack it. */
  readonly in_view?: readonly AnswerSource[]
  /** Lines of core memory that share words with the answer. */
  readonly remembered: readonly (MemoryBlame & { readonly label: string })[]
}

/** An answer, by the run that gave it or by a message of that run. */
export type WhichAnswer = { readonly runId: string } | { readonly messageId: string }

/** An answer that somebody marked as good. */
export interface StarredAnswer {
  readonly run_id: string
  /** What was asked; empty when it is not stored any more. */
  readonly question: string
  readonly answer: string
  /** The messages, passages and facts that the answer rested on. */
  readonly source_ids: readonly string[]
  /** The question and what was said in the run: a search for the question finds them, too. */
  readonly own_message_ids: readonly string[]
  readonly starred_at: string
}

/** One text in memory with what may be wrong with it. */
export interface MemoryFinding {
  /** `duplicate`: said before; `stale`: replaced by a later fact; `undated`: a day that nobody can tell; `full`: no room left. */
  readonly flaw: 'duplicate' | 'junk' | 'stale' | 'undated' | 'full'
  readonly subject: 'block' | 'passage'
  readonly item_id: string
  /** The label of a block; null for a passage. */
  readonly label: string | null
  readonly text: string
  /** What says the same; null for other flaws. */
  readonly other_id: string | null
  /** A sentence. */
  readonly why: string
}

/** What was found in an agent's memory. */
export interface MemoryLint {
  /** How many lines of blocks and passages were looked at. */
  readonly texts: number
  /** How many passages are older than those and were not looked at. */
  readonly unread: number
  readonly counts: Readonly<Record<MemoryFinding['flaw'], number>>
  readonly findings: readonly MemoryFinding[]
}

/** When memory is tidied by itself, and what a model may take for it; null = not by that. */
export interface ConsolidationPolicy {
  readonly every_turns: number | null
  readonly after_idle_minutes: number | null
  /** How many tokens of a day (UTC) a model may take, from 5,000; null = none is asked. */
  readonly tokens_per_day: number | null
  /** The handle of that model; null = the agent's own. */
  readonly model: string | null
}

/** What came of asking a model to look at a memory. */
export interface ConsolidatorReport {
  /** `failed`: it changed nothing, and `reason` says why; `spent`: the tokens of the day are used up. */
  readonly state: 'off' | 'not-asked' | 'unchanged' | 'spent' | 'failed' | 'asked'
  readonly reason: string | null
  /** How many suggestions were dropped, as something would have been lost. */
  readonly refused: number
  /** Tokens of this call. */
  readonly tokens: number
  readonly used_today: number
  readonly tokens_per_day: number | null
}

/** What came of tidying a memory. */
export interface MemoryConsolidation {
  readonly dry_run: boolean
  /** What was found to tidy, in words. */
  readonly found: readonly { readonly reason: string; readonly notes: readonly string[] }[]
  /** What was changed at once. */
  readonly changes: readonly MemoryChange[]
  /** What waits for a review, where edits are reviewed. */
  readonly proposals: readonly MemoryProposal[]
  /** How many were left alone: a person took the like back or rejected it, or the place was changed meanwhile. */
  readonly skipped: number
  /** How many of the oldest texts of the archive were not looked at, as there are too many. */
  readonly unread: number
  readonly model: ConsolidatorReport
}

/** The history of one agent's memory, and taking changes back. Every operation throws `LettaError`. */
export interface AgentMemory {
  /** Changes, newest first. */
  history(query?: {
    readonly item?: string | undefined
    readonly runId?: string | undefined
    readonly before?: string | undefined
    readonly limit?: number | undefined
  }): Promise<readonly MemoryChange[]>
  diff(change: string): Promise<MemoryDiff>
  /** The lines of a block (by label or id), passage or fact (by id), each with its cause. */
  blame(item: string): Promise<readonly MemoryBlame[]>
  /** Blocks, facts and instructions as they were at a time of ISO 8601; or one item, named as for `blame` or by what facts are about. Empty = it was not there. */
  at(time: string, item?: string): Promise<readonly PastItem[]>
  /** Takes a change back and keeps later ones; `conflict` when one touched the same place. */
  undo(change: string): Promise<readonly MemoryChange[]>
  /** Makes a block (by label or id), passage or fact (by id) again what it was. */
  restore(
    item: string,
    to: { readonly version: number } | { readonly at: string },
  ): Promise<readonly MemoryChange[]>
  /** Edits that wait for a review. */
  proposals(state?: MemoryProposal['state']): Promise<readonly MemoryProposal[]>
  /** One of them line by line. `not_found`. */
  proposal(id: string): Promise<MemoryProposalDiff>
  apply(proposal: string): Promise<readonly MemoryChange[]>
  reject(proposal: string): Promise<MemoryProposal>
  /** What a tool or the web told and nobody approved, newest first. */
  quarantine(): Promise<readonly HeldBack[]>
  /** Trusts a text or fact that waits, by its id. */
  approve(item: string): Promise<readonly MemoryChange[]>
  /** Takes a text or fact that waits out of memory. */
  discard(item: string): Promise<readonly MemoryChange[]>
  mode(): Promise<'auto' | 'review'>
  setMode(mode: 'auto' | 'review'): Promise<'auto' | 'review'>
  /**
   * Tidies memory: rules merge what is said twice and drop what is over, then a model suggests more where the policy has a
   * budget for it. `dryRun` only says what rules would do; `withModel: false` leaves the model out.
   */
  consolidate(options?: {
    readonly dryRun?: boolean
    readonly withModel?: boolean
  }): Promise<MemoryConsolidation>
  consolidation(): Promise<ConsolidationPolicy>
  setConsolidation(policy: Partial<ConsolidationPolicy>): Promise<ConsolidationPolicy>
  /** What may be wrong with memory; changes nothing. */
  lint(): Promise<MemoryLint>
  /** What the answer of a run, or the one that a message belongs to, rests on. */
  why(answer: WhichAnswer): Promise<MemoryReasons>
  /** Starred answers, newest first. */
  stars(): Promise<readonly StarredAnswer[]>
  /** Stars an answer with what it rests on; `conflict` when nothing stored was found for it. */
  star(answer: WhichAnswer): Promise<StarredAnswer>
  /** Takes the star of a run's answer away. */
  unstar(runId: string): Promise<void>
}

/** The memory of one agent, through the connection of the official client. */
export function createAgentMemory(letta: Letta, agentId: string): AgentMemory {
  const root = `/v1/agents/${agentId}/memory`
  const get = <Result>(path: string, query: object = {}): Promise<Result> =>
    explain(() => letta.get<Result>(`${root}/${path}`, { query: withoutAbsent(query) }))
  const post = <Result>(path: string, body: object = {}): Promise<Result> =>
    explain(() => letta.post<Result>(`${root}/${path}`, { body }))
  return {
    history: ({ runId, ...query } = {}) => get('history', { ...query, run_id: runId }),
    diff: (change) => get('diff', { change }),
    blame: (item) => get('blame', { item }),
    at: (time, item) => get('at', { time, item }),
    undo: (change) => post('undo', { change }),
    restore: (item, to) => post('restore', { item, ...to }),
    proposals: (state) => get('proposals', { state }),
    proposal: (id) => get(`proposals/${encodeURIComponent(id)}`),
    apply: (proposal) => post(`proposals/${encodeURIComponent(proposal)}/apply`),
    reject: (proposal) => post(`proposals/${encodeURIComponent(proposal)}/reject`),
    quarantine: () => get('quarantine'),
    approve: (item) => post(`quarantine/${encodeURIComponent(item)}/approve`),
    discard: (item) => post(`quarantine/${encodeURIComponent(item)}/discard`),
    consolidate: ({ dryRun = false, withModel = true } = {}) =>
      post('consolidate', { dry_run: dryRun, with_model: withModel }),
    consolidation: () => get('consolidation'),
    setConsolidation: (policy) =>
      explain(() => letta.put<ConsolidationPolicy>(`${root}/consolidation`, { body: policy })),
    async mode() {
      return (await get<{ mode: 'auto' | 'review' }>('mode')).mode
    },
    async setMode(mode) {
      const path = `${root}/mode`
      const set = () => letta.put<{ mode: 'auto' | 'review' }>(path, { body: { mode } })
      return (await explain(set)).mode
    },
    lint: () => get('lint'),
    why: (answer) => get('why', encodeAnswer(answer)),
    stars: () => get('stars'),
    star: (answer) => post('stars', encodeAnswer(answer)),
    async unstar(runId) {
      await explain(() => letta.delete(`${root}/stars/${encodeURIComponent(runId)}`))
    },
  }
}

function encodeAnswer(answer: WhichAnswer): object {
  return 'runId' in answer ? { run_id: answer.runId } : { message_id: answer.messageId }
}
