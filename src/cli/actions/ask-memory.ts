import { z } from 'zod'
import type { Client, FactPage } from '../../../sdk/src/index.ts'

const partsSchema = z.object({
  text: z.number(),
  speaker: z.number(),
  when: z.number(),
  range: z.number(),
  session: z.number(),
  dense: z.number().optional(),
})

const answerSchema = z.object({
  results: z.array(
    z.looseObject({
      /** Of a message; what kind a fact is. */
      message_type: z.string().optional(),
      id: z.string().optional(),
      message_id: z.string().optional(),
      content: z.unknown().optional(),
      created_at: z.string().nullish(),
      valid_until: z.string().nullish(),
      passage: z
        .looseObject({ id: z.string(), text: z.string(), created_at: z.string() })
        .optional(),
      relevance: z.object({
        score: z.number(),
        coverage: z.number(),
        parts: partsSchema.nullable(),
      }),
    }),
  ),
  reason: z.string().nullable(),
  has_more: z.boolean(),
  total: z.number().nullable(),
  cut: z.boolean(),
  explanation: z
    .object({
      terms: z.array(z.object({ word: z.string(), documents: z.number(), asked: z.boolean() })),
      stored: z.number(),
      considered: z.number(),
      ranked: z.number(),
      complete: z.boolean(),
      ranges: z.array(z.object({ phrase: z.string() })),
      asks_when: z.boolean(),
      asks_agent: z.boolean(),
      relevant: z.boolean(),
      dense: z
        .object({
          model: z.string(),
          vectors: z.number(),
          weight: z.number(),
          failure: z.string().nullable(),
        })
        .nullish(),
    })
    .nullable(),
})

/** What one kind of memory answers, with how it was found. */
export type MemoryAnswer = z.infer<typeof answerSchema>

/** Something found. */
export type MemoryResult = MemoryAnswer['results'][number]

/** What the kinds of memory answer. */
export interface MemoryAnswers {
  readonly messages: MemoryAnswer
  readonly passages: MemoryAnswer
  readonly facts: MemoryAnswer
}

/** What is searched for, and where. */
export interface MemorySearch {
  readonly client: Client
  readonly agentId: string
  readonly query: string
  /** How many of each kind. */
  readonly limit: number
  /** How many of each kind to pass over. */
  readonly offset: number
  /** Only what was said, is dated or began to be true from then on, and until then. */
  readonly from: string | undefined
  readonly to: string | undefined
  /** Only messages of these roles; empty = no filter. */
  readonly roles: readonly SearchedRole[]
  /** Only texts of archival memory with these tags; empty = no filter. */
  readonly tags: readonly string[]
  readonly tagMatch: 'any' | 'all'
}

/** A role whose messages can be searched. */
export type SearchedRole = 'user' | 'assistant' | 'tool'

/** Why a filter leaves out kinds of memory that do not have what it looks at. */
export function leftOutBy({
  roles,
  tags,
}: Pick<MemorySearch, 'roles' | 'tags'>): Partial<Record<keyof MemoryAnswers, string>> {
  return {
    ...(roles.length > 0 && {
      passages: 'Its texts have no role, so --role leaves them out.',
      facts: 'They have no role, so --role leaves them out.',
    }),
    ...(tags.length > 0 && {
      messages: 'They have no tags, so --tag leaves them out.',
      facts: 'They have no tags, so --tag leaves them out.',
    }),
  }
}

/** Searches what was said, archival memory, and facts; each answer says how it came about, or why it is empty. */
export async function askMemory(search: MemorySearch): Promise<MemoryAnswers> {
  const { client, agentId, query, roles, tags, tagMatch, limit, offset, from, to } = search
  const wanted = { query, limit, offset, from, to }
  const leftOut = leftOutBy(search)
  const ask = async (
    kind: keyof MemoryAnswers,
    answer: () => Promise<object>,
  ): Promise<MemoryAnswer> => {
    const reason = leftOut[kind]
    return reason === undefined ? answerSchema.parse(await answer()) : { ...nothing, reason }
  }
  const found = client.search(agentId)
  const [messages, passages, facts] = await Promise.all([
    ask('messages', () => found.messages({ ...wanted, roles })),
    ask('passages', () => found.passages({ ...wanted, tags, tagMatch })),
    ask('facts', async () =>
      fromFacts(await client.facts(agentId).list({ ...wanted, history: true, explain: true })),
    ),
  ])
  return { messages, passages, facts }
}

const nothing: MemoryAnswer = {
  results: [],
  reason: null,
  has_more: false,
  total: 0,
  cut: false,
  explanation: null,
}

/** Found facts in the form of the other answers. */
function fromFacts({ facts, ...page }: FactPage): object {
  const results = facts.map((fact) => ({
    ...fact,
    message_type: fact.kind,
    content: fact.text,
    created_at: fact.valid_from,
  }))
  return { ...page, results }
}
