import type { Migration } from '../migration.ts'

/**
 * Indexes over the searched texts that cannot stand in for each other. All began with the tenant, so a server that took a tenant
 * or a scope for a small one could answer a look-up of one text by any of them, and read the whole tenant or scope for it. Now
 * the key begins with the tenant, one index with the scope, and one with the scope in a collation of its own, which orders
 * the same way and which only a condition in that collation can use. The scope's token has the tenant in it.
 */
export const searchLookupsMigration: Migration = {
  number: 22,
  name: 'search-lookups',
  embedded: '',
  postgres: `
    DROP INDEX search_documents_by_scope;
    DROP INDEX search_documents_by_place;
    CREATE INDEX search_documents_by_scope ON search_documents (tenant_scope, sequence);
    CREATE INDEX search_documents_by_place ON search_documents (tenant_scope COLLATE "POSIX", thread, place);
  `,
}
