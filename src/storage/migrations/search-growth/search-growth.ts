import type { Migration } from '../migration.ts'

/**
 * What lets a process hold the texts of an agent or archive between searches: how often one was removed, and the way to
 * those that came after a known one.
 */
export const searchGrowthMigration: Migration = {
  number: 12,
  name: 'search-growth',
  embedded: `
    ALTER TABLE search_scopes ADD COLUMN removed INTEGER NOT NULL DEFAULT 0;
    CREATE INDEX search_documents_by_scope ON search_documents (tenant_id, tenant_scope);
  `,
  postgres: `
    ALTER TABLE search_scopes ADD COLUMN removed BIGINT NOT NULL DEFAULT 0;
    CREATE INDEX search_documents_by_scope ON search_documents (tenant_id, tenant_scope, sequence);
  `,
}
