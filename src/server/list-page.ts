import { AppError } from '../errors/app-error.ts'

/** Which part of a list that is whole in memory is wanted. */
export interface ListPage {
  readonly limit: number
  readonly order: 'asc' | 'desc'
  readonly after?: string | undefined
  readonly before?: string | undefined
}

/**
 * A page of a short list. `asc` is the order of the list itself; cursors follow the order asked for.
 *
 * @throws AppError `not_found` for an unknown cursor.
 */
export function toListPage<Item extends { readonly id: string }>(
  items: readonly Item[],
  page: ListPage,
): readonly Item[] {
  const ordered = page.order === 'asc' ? items : items.toReversed()
  const from = page.after === undefined ? 0 : placeOf(ordered, page.after) + 1
  const until = page.before === undefined ? ordered.length : placeOf(ordered, page.before)
  return ordered.slice(from, until).slice(0, page.limit)
}

function placeOf(items: readonly { readonly id: string }[], id: string): number {
  const place = items.findIndex((item) => item.id === id)
  if (place === -1) throw new AppError('not_found', `No item found with id ${id}`)
  return place
}
