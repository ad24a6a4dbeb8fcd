import type { Letta } from '@letta-ai/letta-client'
import { explain, withoutAbsent } from './request.ts'
import type { MemoryChange } from './memory.ts'

/** Something that is, was or will be true, or an instruction that stands. Times are ISO 8601. */
export interface Fact {
  readonly id: string
  readonly kind: 'fact' | 'instruction'
  /** The fact on one line, such as `base images = Alpine`. */
  readonly text: string
  readonly subject: string
  readonly attribute: string
  readonly value: string
  /** Whether it stands beside other values. */
  readonly additional: boolean
  readonly valid_from: string
  /** When another value began, or the end that was stated; null = it holds on. */
  readonly valid_until: string | null
  readonly stated_until: string | null
  /** Whether another value is stated for the same time and nothing says which is true. */
  readonly contested: boolean
  readonly origin: FactOrigin
  readonly trusted: boolean
  readonly source_message_ids: readonly string[]
  readonly actor: { readonly kind: string; readonly id: string }
  readonly reason: string
  readonly version: number
  /** Since when it is known in this version. */
  readonly recorded_at: string
  /** Until when; null = it is still known. */
  readonly closed_at: string | null
}

/** Where a statement comes from; what tools and the web say ends nothing that a person said. */
export type FactOrigin = 'user' | 'agent' | 'tool' | 'web' | 'import'

/** A statement. Times may be words: "March 2026", "last month", "two weeks ago". */
export interface FactInput {
  /** Default: the person the agent talks to. */
  readonly subject?: string | undefined
  readonly attribute: string
  readonly value: string
  /** Since when it is true. Default: now. */
  readonly since?: string | undefined
  /** Until when, inclusive. Default: it holds on. */
  readonly until?: string | undefined
  /** Whether it stands beside other values. Default: false. */
  readonly additional?: boolean | undefined
  /** Whether what was known for that time was wrong. Default: false. */
  readonly correction?: boolean | undefined
  /** Default: `user`. */
  readonly origin?: FactOrigin | undefined
  readonly source_message_ids?: readonly string[] | undefined
}

/** Which facts. Times may be words. */
export interface FactQuery {
  readonly query?: string | undefined
  readonly subject?: string | undefined
  readonly attribute?: string | undefined
  /** What was true then. Default: now. */
  readonly asOf?: string | undefined
  /** As it was known then. Default: as it is known now. */
  readonly knownAt?: string | undefined
  /** Only what began to be true then or later. */
  readonly from?: string | undefined
  /** Only what began to be true then or earlier, a day whole. */
  readonly to?: string | undefined
  /** Whether values that do not hold are listed, too. Default: false. */
  readonly history?: boolean | undefined
  /** Whether each fact says why it was found, and the page how. Default: false. */
  readonly explain?: boolean | undefined
  readonly limit?: number | undefined
  readonly offset?: number | undefined
}

/** Why something that was found is where it is. */
export interface SearchRelevance {
  /** The best has about 1; 0 without words. */
  readonly score: number
  /** The part of the query's weight that its words hold, 0 to 1. */
  readonly coverage: number
  /** What the score is made of; null without words. */
  readonly parts: Readonly<Record<string, number>> | null
}

/** Facts that were found. */
export interface FactPage {
  readonly facts: readonly (Fact & {
    /** Why it is where it is; only when asked to explain. */
    readonly relevance?: SearchRelevance
  })[]
  readonly has_more: boolean
  /** How many there are on all pages; null when they were not counted, as without words. */
  readonly total: number | null
  /** Whether more match than there are on all pages. */
  readonly cut: boolean
  /** How they were found; only when asked to explain; null = by what they are about, without words. */
  readonly explanation?: Readonly<Record<string, unknown>> | null
  /** Why there are none; null when there are. */
  readonly reason: string | null
}

/** What came of a statement. */
export interface StatedFact {
  /** Empty when it was known already. */
  readonly changes: readonly MemoryChange[]
  /** What holds now of what it is about. */
  readonly current: readonly Fact[]
}

/** Something in the order of events. */
export interface TimelineEntry {
  readonly kind: 'message' | 'passage' | 'fact'
  readonly id: string
  readonly text: string
  /** When it happened. */
  readonly date: string
  /** The words of the text the date was read from; null = it is when it was said. */
  readonly phrase: string | null
  readonly said_at: string
  readonly role: string | null
  /** Of a text or fact: where it comes from. */
  readonly origin: FactOrigin | null
}

/** Part of a timeline. */
export interface Timeline {
  readonly entries: readonly TimelineEntry[]
  readonly has_more: boolean
  /** Whether only the best matches were put in order. */
  readonly cut: boolean
  readonly reason: string | null
}

/** Facts and standing instructions of one agent. Every operation throws `LettaError`. */
export interface AgentFacts {
  list(query?: FactQuery): Promise<FactPage>
  /** States a fact; another value ends the one before by itself. */
  add(fact: FactInput): Promise<StatedFact>
  /** Every version of what was stated about the same thing, by time. */
  history(
    which:
      | { readonly factId: string }
      | { readonly subject?: string | undefined; readonly attribute: string },
  ): Promise<readonly Fact[]>
  /** Takes a fact back; `memory.undo` brings it again. */
  remove(factId: string): Promise<readonly MemoryChange[]>
  /** All standing instructions. */
  instructions(): Promise<readonly Fact[]>
  instruct(instruction: {
    readonly text: string
    readonly until?: string | undefined
  }): Promise<StatedFact>
  removeInstruction(id: string): Promise<readonly MemoryChange[]>
  /** What was said, stored and stated about something in the order it happened. */
  timeline(query?: {
    readonly query?: string | undefined
    readonly from?: string | undefined
    readonly to?: string | undefined
    readonly newestFirst?: boolean | undefined
    readonly limit?: number | undefined
    readonly offset?: number | undefined
  }): Promise<Timeline>
}

/** The facts of one agent, through the connection of the official client. */
export function createAgentFacts(letta: Letta, agentId: string): AgentFacts {
  const root = `/v1/agents/${agentId}`
  const get = <Result>(path: string, query: object = {}): Promise<Result> =>
    explain(() => letta.get<Result>(`${root}/${path}`, { query: withoutAbsent(query) }))
  const post = <Result>(path: string, body: object): Promise<Result> =>
    explain(() => letta.post<Result>(`${root}/${path}`, { body }))
  const remove = (path: string): Promise<readonly MemoryChange[]> =>
    explain(() => letta.delete<readonly MemoryChange[]>(`${root}/${path}`))
  return {
    list: ({ asOf, knownAt, ...query } = {}) =>
      get('facts', { ...query, as_of: asOf, known_at: knownAt }),
    add: (fact) => post('facts', fact),
    history: (which) => get('facts/history', 'factId' in which ? { fact_id: which.factId } : which),
    remove: (factId) => remove(`facts/${encodeURIComponent(factId)}`),
    instructions: () => readInstructions((page) => get('instructions', page)),
    instruct: (instruction) => post('instructions', instruction),
    removeInstruction: (id) => remove(`instructions/${encodeURIComponent(id)}`),
    timeline: ({ newestFirst, ...query } = {}) =>
      get('timeline', { ...query, newest_first: newestFirst }),
  }
}

/** The most instructions that a server lists at once. */
const instructionPage = 500

async function readInstructions(
  read: (page: { readonly limit: number; readonly offset: number }) => Promise<readonly Fact[]>,
): Promise<readonly Fact[]> {
  const found: Fact[] = []
  while (true) {
    const page = await read({ limit: instructionPage, offset: found.length })
    found.push(...page)
    if (page.length < instructionPage) return found
  }
}
