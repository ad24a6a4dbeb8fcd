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
  const least = leastOfBest(scores, count)
  const indexes: number[] = []
  for (let index = 0; index < scores.length; index += 1) {
    if ((scores[index] ?? 0) >= least) indexes.push(index)
  }
  return indexes.sort(compare).slice(0, count)
}

/** The least of the `count` greatest scores: a heap holds those found so far, the least on top. */
function leastOfBest(scores: Float64Array, count: number): number {
  if (scores.length <= count || count === 0) return Number.NEGATIVE_INFINITY
  const heap = scores.slice(0, count).sort()
  for (let index = count; index < scores.length; index += 1) {
    const score = scores[index] ?? 0
    if (score > (heap[0] ?? 0)) replaceTop(heap, score)
  }
  return heap[0] ?? Number.NEGATIVE_INFINITY
}

function replaceTop(heap: Float64Array, score: number): void {
  let place = 0
  for (;;) {
    const left = 2 * place + 1
    if (left >= heap.length) break
    const right = left + 1
    const [first, second] = [heap[left] ?? 0, heap[right] ?? Number.POSITIVE_INFINITY]
    const [child, least] = first <= second ? [left, first] : [right, second]
    if (least >= score) break
    heap[place] = least
    place = child
  }
  heap[place] = score
}
