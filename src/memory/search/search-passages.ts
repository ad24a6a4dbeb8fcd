import type { Passage } from '../../domain/archive.ts'
import type { SearchAnswer } from '../../domain/search.ts'
import type { PassageQuery } from './agent-search.ts'
import { answerWith, noWords, unrankedAnswer } from './answer.ts'
import { findTexts } from './find-texts.ts'
import { emptyReason, passageFilters } from './empty-reason.ts'
import { newestPassages, type PassageOwner } from './newest.ts'
import { planQuery } from './query-plan.ts'
import type { SearchPlace } from './search-source.ts'

/** Searches the passages of an agent's archive, or of one archive. */
export async function searchPassages(
  place: SearchPlace,
  owner: PassageOwner,
  query: PassageQuery,
): Promise<SearchAnswer<Passage>> {
  const plan = planQuery(query.text, place)
  const empty = { kind: 'passage', analysed: plan, filters: passageFilters(query) } as const
  const byVector = place.dense?.vector !== undefined
  if (query.text.trim() === '' && !byVector) {
    const reason = emptyReason({ ...empty, statistics: null })
    return unrankedAnswer(query, reason, await newestPassages(place, owner, query))
  }
  if (plan.terms.length === 0 && !byVector) return unrankedAnswer(query, noWords, [])
  const { tags, tagMatch, from, until } = query
  const found = await findTexts(await withModel(place, owner), {
    owner: { kind: 'passages', ...owner },
    text: query.text,
    plan,
    filter: { roles: null, thread: null, from, until },
    tags,
    tagMatch,
    near: (wanted) =>
      place.store.searchPassageVectors(place.scope, {
        ...wanted,
        ...owner,
        tags,
        tagMatch,
        from,
        until,
      }),
    choose: (choice) =>
      place.store.searchPassages(place.scope, {
        ...choice,
        ...owner,
        tags,
        tagMatch,
        from,
        until,
      }),
  })
  return await answerWith(query, {
    plan,
    found,
    reason: emptyReason({ ...empty, statistics: found.ranking.statistics }),
    load: (ids) => place.store.getPassages(place.scope, { ids }),
    isCounted: true,
  })
}

/** An archive may name another model than an agent that has it, and its vectors are of that one. */
async function withModel(place: SearchPlace, owner: PassageOwner): Promise<SearchPlace> {
  const { dense, scope, store } = place
  if (dense === undefined) return place
  return { ...place, dense: { ...dense, model: await store.findPassageModel(scope, owner) } }
}
