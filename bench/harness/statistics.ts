/** What a list of measured values comes down to. */
export interface Summary {
  readonly count: number
  readonly median: number
  readonly p99: number
  readonly min: number
  readonly max: number
}

/**
 * Summarises values; percentiles by the nearest rank, so that each one was really measured.
 *
 * @throws RangeError without values.
 */
export function summarise(values: readonly number[]): Summary {
  const sorted = values.toSorted((a, b) => a - b)
  return {
    count: sorted.length,
    median: percentile(sorted, 0.5),
    p99: percentile(sorted, 0.99),
    min: percentile(sorted, 0),
    max: percentile(sorted, 1),
  }
}

/** The middle one of the values. */
export function medianOf(values: readonly number[]): number {
  return summarise(values).median
}

/** The same values with a number taken off each. */
export function lessEach(values: readonly number[], amount: number): number[] {
  return values.map((value) => value - amount)
}

function percentile(sorted: readonly number[], share: number): number {
  const rank = Math.max(1, Math.ceil(share * sorted.length))
  const value = sorted[rank - 1]
  if (value === undefined) throw new RangeError('Cannot summarise: nothing was measured')
  return value
}
