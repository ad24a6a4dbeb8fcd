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
}

/** Searches what was said, archival memory, and facts; each answer says how it came about, or why it is empty. */
export async function askMemory(search: MemorySearch): Promise<MemoryAnswers> {
  const { client, agentId, query, limit } = search
  const body = { query, agent_id: agentId, limit, explain: true }
  const [messages, passages, facts] = await Promise.all([
    client.letta.post('/v1/messages/search', { body }),
    client.letta.post('/v1/passages/search', { body }),
    client.facts(agentId).list({ query, limit, history: true, explain: true }),
  ])
  return {
    messages: answerSchema.parse(messages),
    passages: answerSchema.parse(passages),
    facts: answerSchema.parse(fromFacts(facts)),
  }
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
