import type { SearchAnswer } from '../domain/search.ts'
import type { ApiContext } from './api.ts'

/** Says why a search went on by words alone, as the sentence in URI encoding: the original's answers have no place for it. */
const wordsAloneHeader = 'x-letta-words-alone'

/** Tells of a search that it went on by words alone, and why. */
export function tellWordsAlone(
  context: Pick<ApiContext, 'header'>,
  { explanation }: Pick<SearchAnswer<unknown>, 'explanation'>,
): void {
  const failure = explanation?.dense?.failure ?? null
  if (failure !== null) context.header(wordsAloneHeader, encodeURIComponent(failure))
}
