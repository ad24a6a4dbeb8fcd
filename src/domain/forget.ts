import type { JsonObject } from '../util/json.ts'

/** What stands in a stored text where words of it were forgotten. */
export const forgottenMark = '[forgotten]'

/** One thing to be forgotten. */
export type ForgetTarget =
  | { readonly kind: 'message' | 'passage' | 'fact'; readonly id: string }
  | WholeTarget
  /** What one version brought into a block, passage or fact. */
  | { readonly kind: 'version'; readonly id: string; readonly version: number }
  /** What a change of memory brought in, by its number. */
  | { readonly kind: 'change'; readonly number: number }

/** Something with much that belongs to it. */
export interface WholeTarget {
  readonly kind: 'block' | 'run' | 'turn' | 'conversation' | 'agent'
  readonly id: string
}

/** How a forgetting came about. */
export type ForgetOrigin = 'ids' | 'query' | 'retention'

/** How many things of each kind a forgetting removed, emptied or cleaned of a quotation. */
export type ForgetCounts = Readonly<Record<string, number>>

/** What a search for remains found after a forgetting. */
export interface ResidueReport {
  /** Rows of tables that were looked through again. */
  readonly rowsSearched: number
  /**
   * Rows that still held forgotten text; a number other than 0 is a defect. Null = nobody could look: the program was
   * ended in between, and what had been removed was no longer known.
   */
  readonly rowsFound: number | null
  /** Files of the data folder that were searched byte by byte. */
  readonly filesSearched: number
  /**
   * Files that still hold the same bytes after they were cleaned and written anew: what other agents or tenants keep.
   * Null = nobody could look: the program was ended in between, and what had been removed was no longer known.
   */
  readonly filesFound: number | null
  /**
   * What agents that share a block or archive with those of the forgetting still hold. Null = nobody looked; absent in
   * receipts of older programs, which did not.
   */
  readonly elsewhere?: ForgetElsewhere | null
}

/** What was looked for in the memory of agents that share blocks or archives, and is left there. */
export interface ForgetElsewhere {
  readonly agents: readonly {
    /** Null = the caller may not see it. */
    readonly agentId: string | null
    /** How many of its rows hold the words. */
    readonly rows: number
  }[]
  /** How many such agents were not searched: those the caller may not see, and those beyond the number that are. */
  readonly unsearched: number
}

/** The proof of a forgetting. It holds nothing of what was forgotten. */
export interface ForgetReceipt {
  /** `forget-<uuid4>`. */
  readonly id: string
  /** The agent whose memory it was about; null when that was forgotten too, or there was none. */
  readonly agentId: string | null
  readonly origin: ForgetOrigin
  /** `removed`: in no table and index any more. `done`: nor in free pages, the log of the database, and log files. */
  readonly state: 'removed' | 'done'
  readonly counts: ForgetCounts
  readonly residue: ResidueReport | null
  /** What was done to the database's files, as the engine names it. */
  readonly cleaning: JsonObject | null
  /** Places that may still hold it, which the program does not touch, each in a phrase. */
  readonly outside: readonly string[]
  readonly requestedById: string
  readonly createdAt: number
  readonly completedAt: number | null
}

/** One thing that a forgetting would remove or change. */
export interface ForgetItem {
  /** What it is, such as `message` or `block`. */
  readonly kind: string
  readonly id: string
  /** Why: it was asked for, or how it hangs together with that. */
  readonly reason: 'asked' | 'same-turn' | 'derived' | 'quotes'
  /** `remove`: it goes. `empty`: its place stays, without words. `cut`: the words go, the rest stays. */
  readonly effect: 'remove' | 'empty' | 'cut'
  /** The beginning of its text, for the person who decides; null = it has none. */
  readonly snippet: string | null
  /** What the snippet says afterwards, where it is cut; null = nothing, or it is not shown. Of a block both are its lines that change. */
  readonly becomes: string | null
  /** When it was said or stored, in epoch milliseconds. */
  readonly at: number | null
}

/** Whether a stored text is a sent one in which words were forgotten since. */
export function isCutFrom(stored: string, sent: string): boolean {
  const pieces = stored.split(forgottenMark)
  if (pieces.length === 1) return false
  const first = pieces[0] ?? ''
  const last = pieces.at(-1) ?? ''
  if (!sent.startsWith(first) || !sent.slice(first.length).endsWith(last)) return false
  let rest = sent.slice(first.length, sent.length - last.length)
  for (const piece of pieces.slice(1, -1)) {
    const place = rest.indexOf(piece)
    if (place === -1) return false
    rest = rest.slice(place + piece.length)
  }
  return true
}
