import type { Letta } from '@letta-ai/letta-client'
import { explain } from './request.ts'

/** A text to bring into an archive. */
export interface DocumentOptions {
  /** Where it comes from; the same text from the same place comes in once. */
  readonly path: string
  readonly text: string
  /** What it comes in with; all of one addition can be taken out at once. */
  readonly additionId: string
  readonly tags?: readonly string[] | undefined
  /** The time the text is about, as ISO 8601. Default: now. */
  readonly createdAt?: string | undefined
}

/** What became of it. */
export interface AddedDocument {
  readonly id: string
  /** How many pieces it has, and how many of them were not there before. */
  readonly passages: number
  readonly stored: number
  /** How many secrets were taken out. */
  readonly redacted: number
}

/** A text in an archive. */
export interface ArchiveDocument {
  readonly id: string
  readonly path: string
  readonly addition_id: string
  readonly tags: readonly string[]
  readonly passage_count: number
  readonly characters: number
  readonly created_at: string
}

/** Texts of people in one agent's archive. Every operation throws `LettaError`. */
export interface AgentDocuments {
  /** Brings a text in, in pieces cut at natural boundaries. A text may have about 4 million characters. */
  add(document: DocumentOptions): Promise<AddedDocument>
  list(): Promise<readonly ArchiveDocument[]>
  /** The pieces of a document, in order. `not_found`. */
  get(id: string): Promise<readonly { readonly id: string; readonly text: string }[]>
  /** Takes a document, or a whole addition, out; resolves with how many pieces. `not_found`. */
  remove(id: string): Promise<number>
}

/** The documents of one agent, through the connection of the official client. */
export function createAgentDocuments(letta: Letta, agentId: string): AgentDocuments {
  const root = `/v1/agents/${agentId}/documents`
  const of = (id: string): string => `${root}/${encodeURIComponent(id)}`
  return {
    add({ additionId, createdAt, ...document }) {
      const time = createdAt === undefined ? {} : { created_at: createdAt }
      const body = { ...document, addition_id: additionId, ...time }
      return explain(() => letta.post<AddedDocument>(root, { body }))
    },
    list: () => explain(() => letta.get<readonly ArchiveDocument[]>(root)),
    get: (id) => explain(() => letta.get<readonly { id: string; text: string }[]>(of(id))),
    async remove(id) {
      return (await explain(() => letta.delete<{ removed: number }>(of(id)))).removed
    },
  }
}
