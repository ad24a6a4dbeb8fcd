/** A stretch of tokens that an edit replaced: `base[from, to)` became `tokens`. */
export interface Hunk {
  readonly from: number
  readonly to: number
  readonly tokens: readonly string[]
}

/** A text cut into pieces whose concatenation is the text. */
export type Tokenizer = (text: string) => readonly string[]

/** How many differing tokens are told apart before the rest of a changed stretch counts as one change. */
const maxDistance = 1500

/** Lines and the breaks between them. */
export const toLines: Tokenizer = (text) => text.match(/\n|[^\n]+/g) ?? []

/** Words, runs of blanks, and single signs. */
export const toWords: Tokenizer = (text) =>
  text.match(/\n|[^\S\n]+|[\p{L}\p{N}\p{M}]+|[^\s\p{L}\p{N}\p{M}]/gu) ?? []

/**
 * What turned `base` into `changed`, as hunks in order that neither overlap nor touch.
 * Applying them to `base` gives `changed`, whatever the texts are; the smallest such set unless they differ in more than
 * {@link maxDistance} tokens.
 */
export function diffTokens(base: readonly string[], changed: readonly string[]): readonly Hunk[] {
  const start = commonStart(base, changed)
  const end = commonEnd(base, changed, start)
  const left = base.slice(start, base.length - end)
  const right = changed.slice(start, changed.length - end)
  return toHunks(matchingPairs(left, right), { left, right, offset: start })
}

/** The tokens of `base` with hunks applied. */
export function applyHunks(base: readonly string[], hunks: readonly Hunk[]): readonly string[] {
  const result: string[] = []
  let at = 0
  for (const hunk of hunks) {
    result.push(...base.slice(at, hunk.from), ...hunk.tokens)
    at = hunk.to
  }
  return [...result, ...base.slice(at)]
}

function commonStart(left: readonly string[], right: readonly string[]): number {
  const most = Math.min(left.length, right.length)
  let count = 0
  while (count < most && left[count] === right[count]) count += 1
  return count
}

function commonEnd(left: readonly string[], right: readonly string[], start: number): number {
  const most = Math.min(left.length, right.length) - start
  let count = 0
  while (count < most && left[left.length - 1 - count] === right[right.length - 1 - count]) {
    count += 1
  }
  return count
}

interface Pair {
  readonly left: number
  readonly right: number
}

interface Changed {
  readonly left: readonly string[]
  readonly right: readonly string[]
  /** Where `left` begins in the base. */
  readonly offset: number
}

function toHunks(pairs: readonly Pair[], { left, right, offset }: Changed): readonly Hunk[] {
  const hunks: Hunk[] = []
  let at: Pair = { left: 0, right: 0 }
  for (const pair of [...pairs, { left: left.length, right: right.length }]) {
    if (pair.left > at.left || pair.right > at.right) {
      hunks.push({
        from: offset + at.left,
        to: offset + pair.left,
        tokens: right.slice(at.right, pair.right),
      })
    }
    at = { left: pair.left + 1, right: pair.right + 1 }
  }
  return hunks
}

/** The pairs of a longest common subsequence (Myers' greedy algorithm), or none when it would take too long. */
function matchingPairs(left: readonly string[], right: readonly string[]): readonly Pair[] {
  if (left.length === 0 || right.length === 0) return []
  const most = Math.min(left.length + right.length, maxDistance)
  const trace: Int32Array[] = []
  const reach = new Int32Array(2 * most + 3)
  const middle = most + 1
  for (let distance = 0; distance <= most; distance += 1) {
    trace.push(reach.slice(middle - distance - 1, middle + distance + 2))
    for (let diagonal = -distance; diagonal <= distance; diagonal += 2) {
      const x = furthest(reach, { middle, diagonal, distance })
      const run = runLength({ left, right }, x, x - diagonal)
      reach[middle + diagonal] = x + run
      if (x + run >= left.length && x + run - diagonal >= right.length) {
        return walkBack(trace, { left, right, distance })
      }
    }
  }
  return []
}

interface Place {
  /** Where diagonal 0 lies in the array. */
  readonly middle: number
  readonly diagonal: number
  readonly distance: number
}

/** Whether the furthest path to a diagonal comes from the one above, by a token of the right side. */
function goesDown(reach: Int32Array, { middle, diagonal, distance }: Place): boolean {
  if (diagonal === -distance) return true
  if (diagonal === distance) return false
  return (reach[middle + diagonal - 1] ?? 0) < (reach[middle + diagonal + 1] ?? 0)
}

/** Where a path of one more difference enters a diagonal. */
function furthest(reach: Int32Array, place: Place): number {
  const { middle, diagonal } = place
  return goesDown(reach, place)
    ? (reach[middle + diagonal + 1] ?? 0)
    : (reach[middle + diagonal - 1] ?? 0) + 1
}

function runLength(texts: Omit<Changed, 'offset'>, x: number, y: number): number {
  let count = 0
  while (
    x + count < texts.left.length &&
    y + count < texts.right.length &&
    texts.left[x + count] === texts.right[y + count]
  ) {
    count += 1
  }
  return count
}

/** Entry d of `trace` is what was reached before distance d, on the diagonals from `-d - 1` to `d + 1`. */
function walkBack(
  trace: readonly Int32Array[],
  end: Omit<Changed, 'offset'> & { readonly distance: number },
): readonly Pair[] {
  const pairs: Pair[] = []
  let x = end.left.length
  let y = end.right.length
  for (let distance = end.distance; distance >= 0; distance -= 1) {
    const before = trace[distance] ?? new Int32Array(0)
    const place = { middle: distance + 1, diagonal: x - y, distance }
    const fromX = furthest(before, place)
    const fromY = fromX - place.diagonal
    while (x > fromX && y > fromY) {
      x -= 1
      y -= 1
      pairs.push({ left: x, right: y })
    }
    if (distance === 0) break
    if (goesDown(before, place)) y -= 1
    else x -= 1
  }
  return pairs.toReversed()
}
