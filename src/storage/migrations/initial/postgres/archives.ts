/** Archives with their passages. */
export const archivesTables = `
  CREATE TABLE archives (
    tenant_id TEXT COLLATE "C" NOT NULL,
    id TEXT COLLATE "C" NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    description TEXT COLLATE "C",
    metadata TEXT COLLATE "C" NOT NULL,
    embedding TEXT COLLATE "C",
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    created_by_id TEXT COLLATE "C",
    passage_count BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, id)
  );
  CREATE INDEX archives_by_creation ON archives (tenant_id, created_at, id);

  CREATE TABLE agent_archives (
    tenant_id TEXT COLLATE "C" NOT NULL,
    agent_id TEXT COLLATE "C" NOT NULL,
    archive_id TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, agent_id)
  );
  CREATE INDEX agent_archives_by_archive ON agent_archives (tenant_id, archive_id, agent_id);

  CREATE TABLE passages (
    tenant_id TEXT COLLATE "C" NOT NULL,
    id TEXT COLLATE "C" NOT NULL,
    archive_id TEXT COLLATE "C" NOT NULL,
    text TEXT COLLATE "C" NOT NULL,
    tags TEXT COLLATE "C" NOT NULL,
    metadata TEXT COLLATE "C" NOT NULL,
    origin TEXT COLLATE "C" NOT NULL,
    source_message_ids TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    created_by_id TEXT COLLATE "C",
    sequence BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, id)
  );
  CREATE INDEX passages_by_time ON passages (tenant_id, archive_id, created_at, sequence);

  CREATE TABLE passage_tags (
    tenant_id TEXT COLLATE "C" NOT NULL,
    archive_id TEXT COLLATE "C" NOT NULL,
    tag TEXT COLLATE "C" NOT NULL,
    passage_id TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (tenant_id, archive_id, tag, passage_id)
  );
`
