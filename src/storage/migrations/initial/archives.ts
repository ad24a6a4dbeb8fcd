/** Archives with their passages. */
export const archivesTables = `
  CREATE TABLE archives (
    tenant_id TEXT NOT NULL,
    id TEXT NOT NULL,
    name TEXT NOT NULL,
    description TEXT,
    metadata TEXT NOT NULL,
    embedding TEXT,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    created_by_id TEXT,
    passage_count INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, id)
  ) STRICT;
  CREATE INDEX archives_by_creation ON archives (tenant_id, created_at, id);

  CREATE TABLE agent_archives (
    tenant_id TEXT NOT NULL,
    agent_id TEXT NOT NULL,
    archive_id TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, agent_id)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX agent_archives_by_archive ON agent_archives (tenant_id, archive_id, agent_id);

  CREATE TABLE passages (
    tenant_id TEXT NOT NULL,
    id TEXT NOT NULL,
    archive_id TEXT NOT NULL,
    text TEXT NOT NULL,
    tags TEXT NOT NULL,
    metadata TEXT NOT NULL,
    origin TEXT NOT NULL,
    source_message_ids TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    created_by_id TEXT,
    sequence INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, id)
  ) STRICT;
  CREATE INDEX passages_by_time ON passages (tenant_id, archive_id, created_at, sequence);

  CREATE TABLE passage_tags (
    tenant_id TEXT NOT NULL,
    archive_id TEXT NOT NULL,
    tag TEXT NOT NULL,
    passage_id TEXT NOT NULL,
    PRIMARY KEY (tenant_id, archive_id, tag, passage_id)
  ) STRICT, WITHOUT ROWID;
`
