/** A list that Python would write with round brackets. */
export class PythonTuple {
  readonly items: readonly unknown[]

  constructor(items: readonly unknown[]) {
    this.items = items
  }
}

/** The longest text shown of one value; what was sent may hold a whole file. */
const maxText = 200

/**
 * Writes a JSON value as Python's `repr` does, texts shortened to 200 characters: the form in which the original
 * server puts its validation errors into `detail`.
 */
export function toPythonText(value: unknown): string {
  if (value === null || value === undefined) return 'None'
  if (value === true) return 'True'
  if (value === false) return 'False'
  if (typeof value === 'string') return quote(value)
  if (value instanceof PythonTuple) {
    const items = value.items.map(toPythonText)
    return `(${items.join(', ')}${items.length === 1 ? ',' : ''})`
  }
  if (Array.isArray(value)) return `[${value.map(toPythonText).join(', ')}]`
  if (typeof value === 'object') {
    const members = Object.entries(value).map(
      ([key, item]) => `${quote(key)}: ${toPythonText(item)}`,
    )
    return `{${members.join(', ')}}`
  }
  return typeof value === 'number' ? String(value) : quote(typeof value)
}

function quote(text: string): string {
  const short = text.length > maxText ? `${text.slice(0, maxText)}…` : text
  const mark = short.includes("'") && !short.includes('"') ? '"' : "'"
  const escaped = short
    .replaceAll('\\', '\\\\')
    .replaceAll('\n', String.raw`\n`)
    .replaceAll('\r', String.raw`\r`)
    .replaceAll('\t', String.raw`\t`)
  return `${mark}${mark === "'" ? escaped.replaceAll("'", String.raw`\'`) : escaped}${mark}`
}
