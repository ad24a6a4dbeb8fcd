import type { NewVector } from '../contract/vector-store.ts'

/** The items whose text is to be compared with what their vector was made from. */
export function comparedIds(items: readonly NewVector[]): readonly string[] {
  return items.filter(({ foundBy }) => foundBy !== undefined).map(({ id }) => id)
}

/** The vectors without those of a text that is another now, or gone. `foundBy` is what the store says of the texts. */
export function leaveOutChanged(
  items: readonly NewVector[],
  foundBy: ReadonlyMap<string, string>,
): readonly NewVector[] {
  return items.filter((item) => item.foundBy === undefined || item.foundBy === foundBy.get(item.id))
}
