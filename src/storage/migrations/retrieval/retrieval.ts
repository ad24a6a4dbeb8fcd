import type { Migration } from '../migration.ts'
import { embeddedRetrieval } from './embedded-retrieval.ts'
import { postgresRetrieval } from './postgres-retrieval.ts'

/**
 * What the ranking needs besides a text's own tokens: its speaker, its dates, its length in words, and its place in a
 * conversation and in a part of it. And which messages come from a history that was brought in, by the keys that keep it
 * from being brought in twice.
 *
 * Texts that are stored already get their day (of UTC), their place and an estimated number of words. What only our
 * analysis could tell stays unknown of them: the days that words such as "yesterday" point at, whether they ask or tell
 * a time, and the name of their speaker apart from their own words.
 */
export const retrievalMigration: Migration = {
  number: 7,
  name: 'retrieval',
  embedded: embeddedRetrieval,
  postgres: postgresRetrieval,
}
