import { hash } from 'node:crypto'

/** What the index's tokenizer keeps whole without help: digits, small letters and all beyond ASCII. */
const safeToken = /^[0-9a-z\u0080-\u{10ffff}]+$/u
const unsafeCharacter = /[^0-9a-z\u0080-\u{10ffff}]/gu
const escapedCharacter = /_([0-9a-f]+)_/g

/** A token in a form that the index neither splits nor folds: other characters become `_<hex>_`. */
export function toIndexToken(token: string): string {
  if (safeToken.test(token)) return token
  return token.replaceAll(
    unsafeCharacter,
    (character) => `_${(character.codePointAt(0) ?? 0).toString(16)}_`,
  )
}

/** The token that {@link toIndexToken} encoded. */
export function fromIndexToken(token: string): string {
  if (!token.includes('_')) return token
  return token.replaceAll(escapedCharacter, (_, hex: string) =>
    String.fromCodePoint(Number.parseInt(hex, 16)),
  )
}

/** The one token that stands for a tenant and one of its agents (messages, facts) or archives (passages). */
export function toScopeToken(scope: {
  readonly kind: 'messages' | 'passages' | 'facts'
  readonly tenantId: string
  readonly ownerId: string
}): string {
  const text = JSON.stringify([scope.kind, scope.tenantId, scope.ownerId])
  return `s${hash('sha256', text, 'hex').slice(0, 32)}`
}

/** How many characters of a scope's token stand before its terms in the full-text index. */
const scopePrefixLength = 13

/** A term as the full-text index of SQLite lists it: with its scope before it. */
export function toIndexTerm(scopeToken: string, term: string): string {
  return `${scopeToken.slice(0, scopePrefixLength)}_${toIndexToken(term)}`
}
