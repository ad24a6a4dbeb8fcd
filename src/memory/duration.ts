/** The units of time, the largest first, in milliseconds. */
const units = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1000],
] as const

/** A length of time in its two largest units: `3 days 2 hours`, `45 seconds`; less than a second is `0 seconds`. */
export function formatDuration(milliseconds: number): string {
  const parts: string[] = []
  let rest = Math.max(0, milliseconds)
  for (const [place, [name, length]] of units.entries()) {
    const count = Math.floor(rest / length)
    rest -= count * length
    const isLast = place === units.length - 1
    if (count > 0 || (isLast && parts.length === 0)) {
      parts.push(`${count} ${name}${count === 1 ? '' : 's'}`)
    } else if (parts.length > 0) break
    if (parts.length === 2) break
  }
  return parts.join(' ')
}
