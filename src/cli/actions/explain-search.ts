import { z } from 'zod'
import type { Client, FactPage } from '../../../sdk/src/index.ts'
import { toOneLine } from '../chat/terminal-text.ts'
import type { CliContext } from '../context.ts'
import { printJson, printLines, shortTime } from './print.ts'

/** How many characters of a text are shown on its line. */
const shownLength = 200

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
      message_type: z.string().optional(),
      content: z.unknown().optional(),
      created_at: z.string().optional(),
      passage: z.looseObject({ text: z.string(), created_at: z.string() }).optional(),
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

type Answer = z.infer<typeof answerSchema>

/** What is searched for, and where. */
export interface ExplainedSearch {
  readonly client: Client
  readonly agentId: string
  readonly query: string
  readonly limit: number
  readonly json: boolean
}

/** What each kind of memory answers to a search, with how. */
async function askEach(
  search: Omit<ExplainedSearch, 'json'>,
): Promise<readonly { readonly title: string; readonly answer: Answer }[]> {
  const { client, agentId, query, limit } = search
  const body = { query, agent_id: agentId, limit, explain: true }
  const [messages, passages, facts] = await Promise.all([
    client.letta.post('/v1/messages/search', { body }),
    client.letta.post('/v1/passages/search', { body }),
    client.facts(agentId).list({ query, limit, history: true, explain: true }),
  ])
  return [
    { title: 'messages', answer: answerSchema.parse(messages) },
    { title: 'archival memory', answer: answerSchema.parse(passages) },
    { title: 'facts', answer: answerSchema.parse(fromFacts(facts)) },
  ]
}

/** Why a search found nothing, once where the reasons are the same. */
export async function whyNothing(search: Omit<ExplainedSearch, 'json'>): Promise<string> {
  const answers = await askEach(search)
  const reasons = answers.flatMap(({ title, answer: { reason } }) =>
    reason === null ? [] : [{ title, reason }],
  )
  const [first] = reasons
  if (first === undefined) return 'Nothing found.'
  if (reasons.every(({ reason }) => reason === first.reason)) {
    return `Nothing found. ${first.reason}`
  }
  return ['Nothing found.', ...reasons.map(({ title, reason }) => `  ${title}: ${reason}`)].join(
    '\n',
  )
}

/** Searches messages, archival memory and facts and says how each result was found. */
export async function explainSearch(context: CliContext, search: ExplainedSearch): Promise<void> {
  const answers = await askEach(search)
  if (search.json) {
    printJson(
      context,
      Object.fromEntries(answers.map(({ title, answer }) => [title.replace(' ', '_'), answer])),
    )
    return
  }
  printLines(
    context,
    answers.flatMap(({ title, answer }) => toLines(title, answer)),
  )
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

function toLines(
  title: string,
  { results, reason, explanation, has_more: more }: Answer,
): string[] {
  const head = explanation === null ? title : `${title}: ${toSummary(explanation)}`
  const lines = results.flatMap(
    ({ relevance, passage, message_type: type, content, created_at: at }) => {
      const who = passage === undefined ? (type ?? '').replace('_message', '') : 'passage'
      const text =
        passage?.text ?? (typeof content === 'string' ? content : JSON.stringify(content))
      const date = shortTime(passage?.created_at ?? at ?? null)
      return [
        `  ${relevance.score.toFixed(2)}  ${date}  ${who}: ${toOneLine(text, shownLength)}`,
        `        ${toReason(relevance)}`,
      ]
    },
  )
  return [head, ...(reason === null ? [] : [`  ${reason}`]), ...lines, ...(more ? ['  …'] : [])]
}

function toSummary(explanation: NonNullable<Answer['explanation']>): string {
  const words = explanation.terms
    .map(({ word, documents, asked }) => `${word} (${documents}${asked ? '' : ', too common'})`)
    .join(', ')
  const how = explanation.complete ? 'all scored' : 'the index chose'
  const notes = [
    ...(explanation.asks_when ? ['asks for a time'] : []),
    ...(explanation.asks_agent ? ['asks for what the agent said'] : []),
    ...explanation.ranges.map(({ phrase }) => `speaks of "${phrase}"`),
    ...toDenseNote(explanation.dense ?? null),
    ...(explanation.relevant || explanation.ranked === 0 ? [] : ['nothing matches well']),
  ]
  const counts = `${explanation.ranked} of ${explanation.stored} rank, ${explanation.considered} looked at, ${how}`
  return [`${words}; ${counts}`, ...notes].join('; ')
}

function toDenseNote(
  dense: NonNullable<NonNullable<Answer['explanation']>['dense']> | null,
): readonly string[] {
  if (dense === null) return []
  if (dense.failure !== null) return [`by words alone: ${dense.failure}`]
  const count = `${dense.vectors} vectors of ${dense.model}`
  return [
    dense.weight === 0 ? `${count} say nothing more` : `${count} weigh ${dense.weight.toFixed(2)}`,
  ]
}

function toReason({ coverage, parts }: Answer['results'][number]['relevance']): string {
  const share = `holds ${(coverage * 100).toFixed(0)} % of the question`
  if (parts === null) return 'by date alone'
  const factors = (['speaker', 'when', 'range'] as const)
    .filter((name) => parts[name] !== 1)
    .map((name) => `× ${parts[name]} ${name}`)
  const session = parts.session > 0 ? [`+ ${parts.session.toFixed(2)} session`] : []
  const dense = (parts.dense ?? 0) > 0 ? [`+ ${(parts.dense ?? 0).toFixed(2)} meaning`] : []
  return [`${parts.text.toFixed(2)} text`, ...factors, ...session, ...dense, share].join(' ')
}
