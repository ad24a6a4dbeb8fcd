/** What engines know of JSON and the types of the language do not yet. */
interface ExactJson {
  parse(
    text: string,
    revive: (key: string, value: unknown, at: { source?: string }) => unknown,
  ): unknown
  rawJSON(text: string): object
  isRawJSON(value: unknown): value is { readonly rawJSON: string }
}

const exactJson = JSON as unknown as ExactJson

/**
 * JSON text as a value that becomes the same text again: a number that would be written otherwise (`1.50`, or one with more
 * digits than a number holds) stays as it is written. Throws `SyntaxError`.
 */
export function parseExactly(text: string): unknown {
  return exactJson.parse(text, (_key, value, { source }) =>
    typeof value === 'number' && source !== undefined && JSON.stringify(value) !== source
      ? exactJson.rawJSON(source)
      : value,
  )
}

/** How a number of {@link parseExactly} is written; null = it is something else. */
export function writtenNumber(value: unknown): string | null {
  if (typeof value === 'number') return JSON.stringify(value)
  return exactJson.isRawJSON(value) ? value.rawJSON : null
}
