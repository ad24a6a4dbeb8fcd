/**
 * The full-text index over messages and passages: each text's own tokens as numbers that stand for one term in one
 * scope, so that an entry of the index lists the texts of one agent or archive only.
 */
export const searchTables = `
  CREATE TABLE search_scopes (
    tenant_id TEXT COLLATE "C" NOT NULL,
    tenant_scope TEXT COLLATE "C" NOT NULL,
    document_count BIGINT NOT NULL,
    token_count BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, tenant_scope)
  );

  CREATE TABLE search_documents (
    tenant_id TEXT COLLATE "C" NOT NULL,
    item_id TEXT COLLATE "C" NOT NULL,
    tenant_scope TEXT COLLATE "C" NOT NULL,
    sequence BIGINT NOT NULL,
    tokens TEXT COLLATE "C" NOT NULL,
    term_keys BIGINT[] NOT NULL,
    token_count BIGINT NOT NULL,
    role TEXT COLLATE "C",
    conversation_id TEXT COLLATE "C",
    created_at BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, item_id)
  );
  CREATE INDEX search_documents_by_scope ON search_documents (tenant_id, tenant_scope);
  CREATE INDEX search_documents_by_term ON search_documents USING gin (term_keys);
`
