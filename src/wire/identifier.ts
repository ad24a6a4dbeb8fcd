import { z } from 'zod'
import { identifierPattern, identifierPrefixes, type IdentifierKind } from '../domain/identifier.ts'
import { validationError } from './validation.ts'

const exampleUuid = '123e4567-e89b-42d3-8456-426614174000'

/**
 * Checks an identifier that stands in a path.
 *
 * @throws AppError `validation_failed` that names the pattern and gives an example.
 */
export function decodePathIdentifier(kind: IdentifierKind, name: string, value: string): string {
  if (identifierPattern(kind).test(value)) return value
  const prefix = identifierPrefixes[kind]
  throw validationError(
    [
      {
        type: 'string_pattern_mismatch',
        location: ['path', name],
        message: `String should match pattern '${prefix}-{uuid4}'`,
        input: value,
      },
    ],
    [`${prefix}-${exampleUuid}`],
  )
}

/** The schema of an identifier in a body. */
export function identifierSchema(kind: IdentifierKind): z.ZodType<string> {
  const prefix = identifierPrefixes[kind]
  return z.string().regex(identifierPattern(kind), {
    error: `String should match pattern '${prefix}-{uuid4}'`,
  })
}
