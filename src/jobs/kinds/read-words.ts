import type { TenantScope } from '../../domain/scope.ts'
import { searchableText } from '../../memory/search/search-entry.ts'
import type { NewVector } from '../../storage/contract/vector-store.ts'
import type { Store } from '../../storage/store.ts'

/** The words that vectors are made from, of the messages and passages that are there, by their ids. Rejects as the store does. */
export async function readWords(
  store: Pick<Store, 'getMessages' | 'getPassages'>,
  scope: TenantScope,
  wanted: readonly Pick<NewVector, 'kind' | 'id'>[],
): Promise<ReadonlyMap<string, string>> {
  const idsOf = (kind: NewVector['kind']): string[] =>
    wanted.filter((item) => item.kind === kind).map(({ id }) => id)
  const [messageIds, passageIds] = [idsOf('message'), idsOf('passage')]
  const messages =
    messageIds.length === 0 ? [] : await store.getMessages(scope, { ids: messageIds })
  const passages =
    passageIds.length === 0 ? [] : await store.getPassages(scope, { ids: passageIds })
  return new Map([
    ...messages.map((message) => [message.id, searchableText(message)] as const),
    ...passages.map(({ id, text }) => [id, text] as const),
  ])
}
