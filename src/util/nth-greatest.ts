/**
 * The value at a place from 1 when numbers are put in order, the greatest first; `place` is at most how many there are. The numbers are
 * moved about. Only as much is put in order as it takes, a few microseconds for a thousand where sorting takes some dozens.
 */
export function nthGreatest(values: number[], place: number): number {
  const wanted = place - 1
  let [from, to] = [0, values.length - 1]
  while (from < to) {
    const middle = values[(from + to) >> 1] ?? 0
    let [left, right] = [from, to]
    while (left <= right) {
      while ((values[left] ?? 0) > middle) left += 1
      while ((values[right] ?? 0) < middle) right -= 1
      if (left > right) break
      const value = values[left] ?? 0
      values[left] = values[right] ?? 0
      values[right] = value
      left += 1
      right -= 1
    }
    if (wanted <= right) to = right
    else if (wanted >= left) from = left
    else return middle
  }
  return values[wanted] ?? 0
}
