import type { SearchDocument } from '../../storage/contract/search-store.ts'
import { analyse } from '../analysis/analyse.ts'
import { searchConstants } from './search-constants.ts'

/** A text with the weighted counts of the query's terms, its neighbours included. */
export interface WeighedDocument {
  readonly document: SearchDocument
  /** By term; only those that occur. */
  readonly counts: ReadonlyMap<string, number>
  /** The weighted number of all its tokens. */
  readonly length: number
}

/** Texts by thread, then by place. */
type Places = ReadonlyMap<string, ReadonlyMap<number, SearchDocument>>

/** Counts the query's terms in each text: in its own words, its speaker, its dates and in what was said around it. */
export function weighDocuments(
  documents: readonly SearchDocument[],
  terms: ReadonlySet<string>,
): readonly WeighedDocument[] {
  const places = byPlace(documents)
  return documents.map((document) => weigh(document, terms, places))
}

/** The tokens of the few roles, which every text without a name is weighed with. */
const roleTokens = new Map<string, readonly string[]>()

/** The tokens of who speaks: of the name, else of the role; none for a passage without a name. */
export function speakerTokens({
  speaker,
  role,
}: Pick<SearchDocument, 'speaker' | 'role'>): readonly string[] {
  if (speaker.length > 0 || role === null) return speaker
  const tokens = roleTokens.get(role) ?? analyse(role)
  roleTokens.set(role, tokens)
  return tokens
}

function weigh(
  document: SearchDocument,
  terms: ReadonlySet<string>,
  places: Places,
): WeighedDocument {
  const { weights } = searchConstants
  const counts = new Map<string, number>()
  const add = (tokens: readonly string[], weight: number): void => {
    for (const token of tokens) {
      if (terms.has(token)) counts.set(token, (counts.get(token) ?? 0) + weight)
    }
  }
  const speaker = speakerTokens(document)
  add(document.matches, weights.own)
  add(speaker, weights.speaker)
  add(document.dateMatches, weights.dates)
  let length =
    weights.own * document.length +
    weights.speaker * speaker.length +
    weights.dates * document.dateLength
  for (const { neighbour, weight } of contextOf(document, places)) {
    add(neighbour.matches, weight)
    length += weight * neighbour.length
  }
  return { document, counts, length }
}

/** How far from a message its context stands and what an occurrence there counts, before shortness. */
const contextOffsets = [
  ...searchConstants.contextBefore.map((weight, index) => ({ offset: -1 - index, weight })),
  ...searchConstants.contextAfter.map((weight, index) => ({ offset: 1 + index, weight })),
]

/** The messages of the same session around one, each with what an occurrence in it counts. */
function contextOf(
  document: SearchDocument,
  places: Places,
): readonly { readonly neighbour: SearchDocument; readonly weight: number }[] {
  const { place } = document
  const share = contextShare(document)
  if (place === null || share === 0) return []
  const thread = places.get(document.thread)
  return contextOffsets.flatMap(({ offset, weight }) => {
    const neighbour = thread?.get(place + offset)
    if (neighbour === undefined || neighbour.session !== document.session) return []
    return [{ neighbour, weight: weight * share * shortness(document) * shortness(neighbour) }]
  })
}

/** Passages stand alone unless they are lines of a conversation, which begin with a name. */
function contextShare({ speaker, role }: SearchDocument): number {
  if (speaker.length > 0) return 1
  return role === null ? 0 : searchConstants.unnamedContext
}

function shortness({ wordCount }: SearchDocument): number {
  return Math.min(1, searchConstants.contextWords / Math.max(1, wordCount))
}

function byPlace(documents: readonly SearchDocument[]): Places {
  const places = new Map<string, Map<number, SearchDocument>>()
  for (const document of documents) {
    if (document.place === null) continue
    const thread = places.get(document.thread) ?? new Map<number, SearchDocument>()
    places.set(document.thread, thread.set(document.place, document))
  }
  return places
}
