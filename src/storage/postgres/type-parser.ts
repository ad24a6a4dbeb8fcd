import pg from 'pg'

/** The type number of the server that means whole numbers of 64 bits. */
const int8 = 20

/** What reads a column of a type from the server's text. Times and counts fit into a number; the driver would return them as text. */
export function getTypeParser(oid: number, format?: 'text' | 'binary'): (value: string) => unknown {
  if (oid === int8) return Number
  return pg.types.getTypeParser(oid, format ?? 'text') as (value: string) => unknown
}
