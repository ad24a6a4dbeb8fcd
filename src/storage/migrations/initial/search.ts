/** The full-text index over both. */
export const searchTables = `
  CREATE TABLE search_scopes (
    tenant_id TEXT NOT NULL,
    tenant_scope TEXT NOT NULL,
    document_count INTEGER NOT NULL,
    token_count INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, tenant_scope)
  ) STRICT, WITHOUT ROWID;

  -- The full-text index names its rows by a number that must survive VACUUM, hence this key.
  CREATE TABLE search_documents (
    document INTEGER PRIMARY KEY,
    tenant_id TEXT NOT NULL,
    item_id TEXT NOT NULL,
    tenant_scope TEXT NOT NULL,
    tokens TEXT NOT NULL,
    token_count INTEGER NOT NULL,
    role TEXT,
    conversation_id TEXT,
    created_at INTEGER NOT NULL
  ) STRICT;
  CREATE UNIQUE INDEX search_documents_by_item ON search_documents (tenant_id, item_id);

  CREATE VIRTUAL TABLE search_index USING fts5 (
    tenant_scope,
    tokens,
    content = 'search_documents',
    content_rowid = 'document',
    tokenize = "ascii tokenchars '_'"
  );
  INSERT INTO search_index (search_index, rank) VALUES ('secure-delete', 1);
`
