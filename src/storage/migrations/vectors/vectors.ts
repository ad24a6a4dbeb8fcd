import type { Migration } from '../migration.ts'

/**
 * Vectors of messages and passages, counted for each agent or archive and model. What one engine only uses has a
 * default, with which a copy from the other engine begins.
 */
export const vectorsMigration: Migration = {
  number: 2,
  name: 'vectors',
  embedded: `
    CREATE TABLE vector_scopes (
      tenant_id TEXT NOT NULL,
      tenant_scope TEXT NOT NULL,
      model TEXT NOT NULL,
      dimension INTEGER NOT NULL,
      vector_count INTEGER NOT NULL,
      changed INTEGER NOT NULL DEFAULT 1,
      removed INTEGER NOT NULL DEFAULT 1,
      PRIMARY KEY (tenant_id, tenant_scope, model)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX vector_scopes_by_model ON vector_scopes (tenant_id, model);

    -- With row numbers: rows of this size would each need a further page without them.
    CREATE TABLE vectors (
      tenant_id TEXT NOT NULL,
      item_id TEXT NOT NULL,
      model TEXT NOT NULL,
      tenant_scope TEXT NOT NULL,
      changed INTEGER NOT NULL DEFAULT 1,
      role TEXT,
      conversation_id TEXT,
      created_at INTEGER NOT NULL,
      embedding BLOB NOT NULL,
      PRIMARY KEY (tenant_id, item_id, model)
    ) STRICT;
    CREATE INDEX vectors_by_scope ON vectors (tenant_id, tenant_scope, model, changed);
  `,
  // Whether there is a type for vectors depends on the server: the column gets it when the database is opened.
  postgres: `
    CREATE TABLE vector_scopes (
      tenant_id TEXT COLLATE "C" NOT NULL,
      tenant_scope TEXT COLLATE "C" NOT NULL,
      model TEXT COLLATE "C" NOT NULL,
      dimension BIGINT NOT NULL,
      vector_count BIGINT NOT NULL,
      indexed_count BIGINT NOT NULL DEFAULT 0,
      PRIMARY KEY (tenant_id, tenant_scope, model)
    );
    CREATE INDEX vector_scopes_by_model ON vector_scopes (tenant_id, model);

    CREATE TABLE vectors (
      tenant_id TEXT COLLATE "C" NOT NULL,
      item_id TEXT COLLATE "C" NOT NULL,
      model TEXT COLLATE "C" NOT NULL,
      tenant_scope TEXT COLLATE "C" NOT NULL,
      role TEXT COLLATE "C",
      conversation_id TEXT COLLATE "C",
      created_at BIGINT NOT NULL,
      indexed_dimension BIGINT NOT NULL DEFAULT 0,
      embedding REAL[] NOT NULL,
      PRIMARY KEY (tenant_id, item_id, model)
    );
    CREATE INDEX vectors_by_scope ON vectors (tenant_id, tenant_scope, model, item_id);
  `,
}
