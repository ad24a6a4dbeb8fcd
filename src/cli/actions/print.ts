import type { CliContext } from '../context.ts'

/** Writes a value as indented JSON to standard output. */
export function printJson(context: CliContext, value: unknown): void {
  context.stdout.write(`${JSON.stringify(value, null, 2)}\n`)
}

/** Writes lines to standard output. */
export function printLines(context: CliContext, lines: readonly string[]): void {
  context.stdout.write(lines.map((line) => `${line}\n`).join(''))
}

/** Rows as lines with aligned columns; the last column is not padded. */
export function toColumns(rows: readonly (readonly string[])[]): string[] {
  const widths: number[] = []
  for (const row of rows) {
    row.forEach((cell, index) => {
      widths[index] = Math.max(widths[index] ?? 0, cell.length)
    })
  }
  return rows.map((row) =>
    row
      .map((cell, index) => (index === row.length - 1 ? cell : cell.padEnd(widths[index] ?? 0)))
      .join('  ')
      .trimEnd(),
  )
}

/** A wire time as date and minute in a zone, such as `2026-03-31 14:30`, or a dash. */
export function shortTime(time: string | null | undefined, timezone = 'UTC'): string {
  if (time === null || time === undefined) return '-'
  const format = { dateStyle: 'short', timeStyle: 'short', timeZone: timezone } as const
  return new Intl.DateTimeFormat('sv-SE', format).format(new Date(time))
}

/** The day of a wire time in a zone, such as `2026-03-31`; zone null = UTC. */
export function dayIn(time: string, timezone: string | null | undefined): string {
  return new Intl.DateTimeFormat('sv-SE', { timeZone: timezone ?? 'UTC' }).format(new Date(time))
}

/** The last day before a wire time in a zone, for what holds until then. */
export function lastDayIn(end: string, timezone: string | null | undefined): string {
  return dayIn(new Date(Date.parse(end) - 1).toISOString(), timezone)
}

/** A number of things, such as `1 file` or `2 files`. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}
