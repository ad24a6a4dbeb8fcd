import { z } from 'zod'
import { parseJson } from '../../util/parse-json.ts'

/** A stored text that a search tool returned. */
export interface FoundText {
  readonly id: string
  /** `message`: the user said it; `passage`: it stands in archival memory; `fact`: it is known to be true now. */
  readonly kind: 'message' | 'passage' | 'fact'
  readonly text: string
  /** When it was said or stored, or since when it is true: the tool's own timestamp, in the agent's time zone. */
  readonly timestamp: string
  /** The part of the question's weight that the text covers, 0 to 1. */
  readonly coverage: number
}

/** The texts in what a search tool returned; null when it cannot be read. */
export function readSearchResult(result: {
  readonly name: string
  readonly text: string
}): readonly FoundText[] | null {
  if (result.name === 'recall_facts') return readFacts(result.text)
  const parsed = searchReturn.safeParse(parseReturn(result.text))
  if (!parsed.success) return null
  const kind = result.name === 'conversation_search' ? 'message' : 'passage'
  return parsed.data
    .filter((entry) => entry.role === undefined || entry.role === 'user')
    .map((entry) => ({
      id: entry.id,
      kind,
      text: entry.content.replaceAll('&lt;', '<'),
      timestamp: entry.timestamp,
      coverage: entry.relevance.coverage,
    }))
}

function readFacts(text: string): readonly FoundText[] | null {
  const parsed = factReturn.safeParse(parseReturn(text))
  if (!parsed.success) return null
  return parsed.data.results.map(({ id, fact, since, contested, relevance }) => ({
    id,
    kind: 'fact',
    text: `${fact.replaceAll('&lt;', '<')}${contested === true ? ' (something else is stated, too)' : ''}`,
    timestamp: since,
    coverage: relevance.coverage,
  }))
}

const factReturn = z.lazy(() =>
  z.object({
    results: z.array(
      z.object({
        id: z.string(),
        fact: z.string(),
        since: z.string(),
        contested: z.boolean().optional(),
        relevance: z.object({ coverage: z.number() }),
      }),
    ),
  }),
)

const entry = z.lazy(() =>
  z.object({
    id: z.string(),
    timestamp: z.string(),
    content: z.string(),
    role: z.string().optional(),
    relevance: z.object({ coverage: z.number() }),
  }),
)

const searchReturn = z.lazy(() =>
  z.union([
    z.object({ results: z.array(entry) }).transform(({ results }) => results),
    z.array(entry),
  ]),
)

/** News for the model may follow the JSON on lines of its own. */
function parseReturn(text: string): unknown {
  return parseJson(text) ?? parseJson(text.split('\n', 1)[0] ?? '')
}
