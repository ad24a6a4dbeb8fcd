import type { Migration } from '../migration.ts'

/**
 * How much of PostgreSQL's full-text index may wait to be put in order. Every look-up reads all that waits: with 4 MB, its
 * own choice, a search took half as long again after some thousand new texts. With 256 kB plain inserts took the server 0.19 ms
 * a text, where they had taken 0.12 and 0.18 in two noisy rounds, and no text in some thousand has to wait for all of them.
 */
export const searchPendingMigration: Migration = {
  number: 21,
  name: 'search-pending',
  embedded: '',
  postgres: `
    ALTER INDEX search_documents_by_term SET (gin_pending_list_limit = 256);
    SELECT gin_clean_pending_list('search_documents_by_term');
  `,
}
