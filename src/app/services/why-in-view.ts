import { factText } from '../../domain/fact.ts'
import type { Message } from '../../domain/message.ts'
import type { TenantScope } from '../../domain/scope.ts'
import { analyse } from '../../memory/analysis/analyse.ts'
import { commonWords } from '../../memory/search/common-words.ts'
import type { AppParts } from '../app-parts.ts'
import { type FoundSource, sourceIdsIn, textOf } from './found-source.ts'

/** How far back in the conversation is looked, in messages, and how many sources are named. */
const lookedBack = 200
const shownInView = 3
/** So many of the words that tell something a source shares with the answer, or all there are. */
const fewestShared = 2

/**
 * What was said in the conversation before an answer, or quoted there by tools, and shares telling words with it: what need not
 * be looked up again. The most alike first.
 */
export async function readInView(
  { store }: Pick<AppParts, 'store'>,
  scope: TenantScope,
  given: {
    readonly agentId: string
    /** The messages of the run that answered, in order. */
    readonly own: readonly Message[]
    readonly answer: string
    /** Identifiers of what was found for it. */
    readonly found: ReadonlySet<string>
  },
): Promise<readonly FoundSource[]> {
  const { agentId, own, answer, found } = given
  const [first] = own
  const wanted = new Set(analyse(answer).filter((word) => !commonWords.has(word)))
  if (first === undefined || wanted.size === 0) return []
  const { conversationId, id: before, createdAt } = first
  const query = { agentId, conversationId, before, limit: lookedBack, order: 'desc' } as const
  const earlier = await store.listMessages(scope, query)
  const returns = earlier.flatMap(({ toolReturns }) => toolReturns.map(({ text }) => text))
  const ids = [...new Set(sourceIdsIn(returns))].filter((id) => !found.has(id))
  const [quoted, passages, facts] = await Promise.all([
    store.getMessages(scope, { ids }),
    store.getPassages(scope, { ids }),
    store.listFacts(scope, { agentId, ids, knownAt: createdAt, limit: lookedBack }),
  ])
  const said = earlier.filter(({ role, id }) => role === 'user' && !found.has(id))
  const messages = new Map([...said, ...quoted].map((message) => [message.id, message]))
  const sources: readonly FoundSource[] = [
    ...[...messages.values()].map((message) => ({ kind: 'message', message }) as const),
    ...passages.map((passage) => ({ kind: 'passage', passage }) as const),
    ...facts.map((fact) => ({ kind: 'fact', fact }) as const),
  ]
  const fewest = Math.min(fewestShared, wanted.size)
  return sources
    .map((source) => ({
      source,
      shared: new Set(analyse(wordsOf(source))).intersection(wanted).size,
    }))
    .filter(({ shared }) => shared >= fewest)
    .toSorted((left, right) => right.shared - left.shared)
    .slice(0, shownInView)
    .map(({ source }) => source)
}

function wordsOf(source: FoundSource): string {
  switch (source.kind) {
    case 'message':
      return textOf(source.message)
    case 'passage':
      return source.passage.text
    case 'fact':
      return factText(source.fact)
  }
}
