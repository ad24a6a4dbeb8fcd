/**
 * The indexes of the `count` greatest scores, greatest first; `compareEqual` orders those with the same. Only these are
 * put in order: what comes after them is never compared with each other.
 */
export function chooseBest(
  scores: Float64Array,
  count: number,
  compareEqual: (left: number, right: number) => number,
): readonly number[] {
  const compare = (left: number, right: number): number =>
    (scores[right] ?? 0) - (scores[left] ?? 0) || compareEqual(left, right)
  const least = scores.length <= count ? null : scores.toSorted().at(-count)
  const indexes: number[] = []
  for (let index = 0; index < scores.length; index += 1) {
    if (least === null || least === undefined || (scores[index] ?? 0) >= least) indexes.push(index)
  }
  return indexes.sort(compare).slice(0, count)
}
