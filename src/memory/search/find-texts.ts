import type { Candidates, MessageSearch, TextOwner } from '../../storage/contract/search-store.ts'
import type { Neighbours, VectorQuery } from '../../storage/contract/vector-store.ts'
import { documentFrequency } from './coverage.ts'
import { askDenseLane, type DenseLane } from './dense-lane.ts'
import type { QueryPlan } from './query-plan.ts'
import { rank, type Ranking, type RankInput } from './rank.ts'
import { searchConstants } from './search-constants.ts'
import type { SearchPlace } from './search-source.ts'
import { createTextMemory, type WholeScope } from './text-memory.ts'
import { TextTable } from './text-table.ts'

/** What to look for, and among which texts. */
export interface TextSearch {
  readonly owner: TextOwner
  /** The query as it was asked. */
  readonly text: string
  readonly plan: QueryPlan
  readonly filter: TextFilter
  /** Texts that are treated as if they were not stored. Default: none. */
  readonly excludeIds?: readonly string[]
  /** Only passages with these tags. Default: all. */
  readonly tags?: readonly string[]
  readonly tagMatch?: 'any' | 'all'
  /** What is near in meaning to the query; absent where texts of this kind have no vectors. */
  readonly near?: (query: VectorQuery & { readonly limit: number }) => Promise<Neighbours<Near>>
  /** Takes candidates from the index, where there are too many texts to score all. */
  choose(choice: CandidateChoice): Promise<Candidates>
}

/** Which texts may be found. */
export interface TextFilter {
  /** Null = any. */
  readonly roles: ReadonlySet<string> | null
  /** Null = any. */
  readonly thread: string | null
  /** Both inclusive, epoch milliseconds; null = open. */
  readonly from: number | null
  readonly until: number | null
}

/** How candidates are to be chosen. */
export type CandidateChoice = Pick<MessageSearch, 'terms' | 'limit' | 'neighbours' | 'also'>

/** An item that is near, by its id. */
interface Near {
  readonly id: string
}

/** A ranking with how its texts were come by. */
export interface FoundTexts {
  readonly ranking: Ranking
  /** The terms that candidates were chosen by; null where all texts were scored. */
  readonly asked: readonly string[] | null
  /** Whether texts with a word of the query may have been left out. */
  readonly isCut: boolean
}

/** Ranks all texts of a scope, or what the index chooses of a large one. */
export async function findTexts(place: SearchPlace, search: TextSearch): Promise<FoundTexts> {
  const { dense: source } = place
  const dense =
    source === undefined || search.near === undefined
      ? null
      : await askDenseLane(source, search.text, search.near)
  const texts = await readTexts(place, search, dense)
  if (texts.table !== null)
    return {
      ranking: rank(search.plan, { ...toInput(texts, search), dense }),
      asked: null,
      isCut: false,
    }
  const { documents, statistics, asked } = texts
  const table = new TextTable()
  for (const document of documents) {
    if (search.owner.kind === 'facts') table.addAlone(document)
    else table.add(document)
  }
  const passes = (text: number): boolean => documents[text]?.isEligible === true
  const input = {
    table,
    hidden: new Set<number>(),
    passes,
    chosenFrom: { statistics, asked },
    dense,
  }
  return { ranking: rank(search.plan, input), asked, isCut: isCut(search.plan, texts) }
}

/** What was chosen of a scope with too many texts. */
interface ChosenTexts extends Candidates {
  readonly table: null
  /** The most that were to be chosen. */
  readonly limit: number
}

/** Whether more texts hold a word than were chosen, or may: a word was left out of the choice, or the choice is full. */
function isCut(
  { terms }: QueryPlan,
  { asked, statistics, documents, limit }: ChosenTexts,
): boolean {
  const holders = (term: string): number => documentFrequency(statistics, term)
  if (terms.some((term) => holders(term) > 0 && !asked.includes(term))) return true
  const isFull = documents.filter(({ isEligible }) => isEligible).length >= limit
  return isFull && terms.reduce((sum, term) => sum + holders(term), 0) > limit
}

/** Reads all texts of a scope, or chooses some of a large one. */
async function readTexts(
  place: SearchPlace,
  search: TextSearch,
  dense: DenseLane | null,
): Promise<WholeScope | ChosenTexts> {
  const completeUpTo = place.completeUpTo ?? searchConstants.completeUpTo
  const choose = async (limit: number): Promise<ChosenTexts> => {
    const { terms } = search.plan
    const neighbours = searchConstants.contextBefore.length
    const also = dense === null ? {} : { also: [...dense.nearness.keys()] }
    return { table: null, limit, ...(await search.choose({ terms, limit, neighbours, ...also })) }
  }
  if (completeUpTo === 0) return await choose(candidateLimit(0))
  const memory = place.texts ?? createTextMemory()
  const { owner, tags = [], tagMatch = 'any', excludeIds = [] } = search
  for (let isAgain = false; ; isAgain = true) {
    const known = isAgain ? 0 : memory.large.of(place.scope, owner)
    const texts =
      known > completeUpTo
        ? { table: null, documentCount: known }
        : await memory.read(place, { owner, completeUpTo, tags, tagMatch })
    if (texts.table !== null) return texts
    const limit = candidateLimit(texts.documentCount)
    const chosen = await choose(limit)
    // What is excluded is not counted.
    const count = chosen.statistics.documentCount + excludeIds.length
    memory.large.note(place.scope, owner, { texts: count, most: completeUpTo })
    const isNow = count > completeUpTo && candidateLimit(count) === limit
    // A number that was remembered may be an old one.
    if (known <= completeUpTo || isNow) return chosen
  }
}

function candidateLimit(documentCount: number): number {
  const { largeScope, candidateLimitOfLarge, candidateLimit: usual } = searchConstants
  return documentCount > largeScope ? candidateLimitOfLarge : usual
}

function toInput({ table, tagged }: WholeScope, search: TextSearch): RankInput {
  const { filter, excludeIds = [] } = search
  return {
    table,
    hidden: new Set(excludeIds.flatMap((id) => table.numberOf(id) ?? [])),
    passes: (text) =>
      isPassing(filter, table, text) && (tagged === null || tagged.has(table.ids[text] ?? '')),
    chosenFrom: null,
  }
}

function isPassing(
  { roles, thread, from, until }: TextFilter,
  table: TextTable,
  text: number,
): boolean {
  const [role, at] = [table.roles[text] ?? null, table.createdAt[text] ?? 0]
  return (
    (roles === null || (role !== null && roles.has(role))) &&
    (thread === null || table.threads[text] === thread) &&
    (from === null || at >= from) &&
    (until === null || at <= until)
  )
}
