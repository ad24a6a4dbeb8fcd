import { hash } from 'node:crypto'

/**
 * The number that stands for one term in one scope in the index, as decimal text: 63 bits of a hash, because a
 * PostgreSQL integer has a sign and a JavaScript number has 53 bits. Two terms that share one only make a candidate
 * more, which the scoring then drops.
 */
export function toTermKey(scopeToken: string, term: string): string {
  return (
    BigInt(`0x${hash('sha256', `${scopeToken} ${term}`, 'hex').slice(0, 16)}`) >> 1n
  ).toString()
}

/** The numbers of all distinct terms. */
export function toTermKeys(scopeToken: string, terms: readonly string[]): string[] {
  return [...new Set(terms)].map((term) => toTermKey(scopeToken, term))
}
