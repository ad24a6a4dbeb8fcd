/** Agents with their blocks. */
export const agentsTables = `
  CREATE TABLE agents (
    tenant_id TEXT NOT NULL,
    id TEXT NOT NULL,
    name TEXT NOT NULL,
    agent_type TEXT NOT NULL,
    system TEXT NOT NULL,
    model TEXT NOT NULL,
    model_settings TEXT,
    context_window INTEGER,
    embedding TEXT,
    description TEXT,
    metadata TEXT NOT NULL,
    tags TEXT NOT NULL,
    tool_ids TEXT NOT NULL,
    tool_rules TEXT NOT NULL,
    secrets TEXT NOT NULL,
    timezone TEXT NOT NULL,
    hidden INTEGER NOT NULL,
    extra TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    created_by_id TEXT,
    updated_by_id TEXT,
    PRIMARY KEY (tenant_id, id)
  ) STRICT;
  CREATE INDEX agents_by_creation ON agents (tenant_id, created_at, id);
  CREATE INDEX agents_by_update ON agents (tenant_id, updated_at, id);
  CREATE INDEX agents_by_name ON agents (tenant_id, name, created_at, id);

  CREATE TABLE agent_activity (
    tenant_id TEXT NOT NULL,
    agent_id TEXT NOT NULL,
    message_count INTEGER NOT NULL,
    last_run_completion INTEGER NOT NULL,
    last_run_duration_ms INTEGER,
    last_stop_reason TEXT,
    PRIMARY KEY (tenant_id, agent_id)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX agent_activity_by_completion
    ON agent_activity (tenant_id, last_run_completion, agent_id);

  CREATE TABLE agent_tags (
    tenant_id TEXT NOT NULL,
    agent_id TEXT NOT NULL,
    tag TEXT NOT NULL,
    PRIMARY KEY (tenant_id, agent_id, tag)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX agent_tags_by_tag ON agent_tags (tenant_id, tag, agent_id);

  CREATE TABLE blocks (
    tenant_id TEXT NOT NULL,
    id TEXT NOT NULL,
    label TEXT NOT NULL,
    value TEXT NOT NULL,
    "limit" INTEGER NOT NULL,
    description TEXT,
    read_only INTEGER NOT NULL,
    metadata TEXT NOT NULL,
    tags TEXT NOT NULL,
    hidden INTEGER NOT NULL,
    extra TEXT NOT NULL,
    version INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    created_by_id TEXT,
    updated_by_id TEXT,
    PRIMARY KEY (tenant_id, id)
  ) STRICT;
  CREATE INDEX blocks_by_creation ON blocks (tenant_id, created_at, id);
  CREATE INDEX blocks_by_label ON blocks (tenant_id, label);

  CREATE TABLE block_versions (
    tenant_id TEXT NOT NULL,
    block_id TEXT NOT NULL,
    version INTEGER NOT NULL,
    label TEXT NOT NULL,
    value TEXT NOT NULL,
    description TEXT,
    "limit" INTEGER NOT NULL,
    read_only INTEGER NOT NULL,
    actor TEXT NOT NULL,
    reason TEXT NOT NULL,
    source_message_ids TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, block_id, version)
  ) STRICT;

  CREATE TABLE agent_blocks (
    tenant_id TEXT NOT NULL,
    agent_id TEXT NOT NULL,
    block_id TEXT NOT NULL,
    position INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, agent_id, block_id)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX agent_blocks_by_block ON agent_blocks (tenant_id, block_id, agent_id);
`
