import { AppError } from '../errors/app-error.ts'

/** A value with what no engine can store taken out of its texts. */
export interface StorableValue {
  readonly value: unknown
  /** How many characters were taken out. */
  readonly removed: number
}

/** The deepest nesting of a body that is accepted; deeper ones only occur to exhaust a stack. */
const maxDepth = 200

/** NUL, and halves of surrogate pairs: in a pattern with flag `u` a whole pair is another character. */
const unstorable = /[\0\p{Surrogate}]/gu

/**
 * Takes NUL characters and lone surrogates out of every text and key of a JSON value.
 *
 * @throws AppError `validation_failed` when the value is nested deeper than 200 levels.
 */
export function toStorable(value: unknown): StorableValue {
  let removed = 0

  function strip(text: string): string {
    if (!text.includes('\0') && text.isWellFormed()) return text
    return text.replaceAll(unstorable, () => {
      removed += 1
      return ''
    })
  }

  function walk(current: unknown, depth: number): unknown {
    if (typeof current === 'string') return strip(current)
    if (typeof current !== 'object' || current === null) return current
    if (depth > maxDepth) throw tooDeep()
    if (Array.isArray(current)) return current.map((item) => walk(item, depth + 1))
    return Object.fromEntries(
      Object.entries(current).map(([key, item]) => [strip(key), walk(item, depth + 1)]),
    )
  }

  return { value: walk(value, 0), removed }
}

function tooDeep(): AppError {
  return new AppError(
    'validation_failed',
    `Cannot read the request body: it is nested deeper than ${maxDepth} levels. Send a flatter value.`,
  )
}
