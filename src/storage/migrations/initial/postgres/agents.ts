/** Agents with their blocks. */
export const agentsTables = `
  CREATE TABLE agents (
    tenant_id TEXT COLLATE "C" NOT NULL,
    id TEXT COLLATE "C" NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    agent_type TEXT COLLATE "C" NOT NULL,
    system TEXT COLLATE "C" NOT NULL,
    model TEXT COLLATE "C" NOT NULL,
    model_settings TEXT COLLATE "C",
    context_window BIGINT,
    embedding TEXT COLLATE "C",
    description TEXT COLLATE "C",
    metadata TEXT COLLATE "C" NOT NULL,
    tags TEXT COLLATE "C" NOT NULL,
    tool_ids TEXT COLLATE "C" NOT NULL,
    tool_rules TEXT COLLATE "C" NOT NULL,
    secrets TEXT COLLATE "C" NOT NULL,
    timezone TEXT COLLATE "C" NOT NULL,
    hidden SMALLINT NOT NULL,
    extra TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    created_by_id TEXT COLLATE "C",
    updated_by_id TEXT COLLATE "C",
    PRIMARY KEY (tenant_id, id)
  );
  CREATE INDEX agents_by_creation ON agents (tenant_id, created_at, id);
  CREATE INDEX agents_by_update ON agents (tenant_id, updated_at, id);
  CREATE INDEX agents_by_name ON agents (tenant_id, name, created_at, id);

  CREATE TABLE agent_activity (
    tenant_id TEXT COLLATE "C" NOT NULL,
    agent_id TEXT COLLATE "C" NOT NULL,
    message_count BIGINT NOT NULL,
    last_run_completion BIGINT NOT NULL,
    last_run_duration_ms BIGINT,
    last_stop_reason TEXT COLLATE "C",
    PRIMARY KEY (tenant_id, agent_id)
  );
  CREATE INDEX agent_activity_by_completion
    ON agent_activity (tenant_id, last_run_completion, agent_id);

  CREATE TABLE agent_tags (
    tenant_id TEXT COLLATE "C" NOT NULL,
    agent_id TEXT COLLATE "C" NOT NULL,
    tag TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (tenant_id, agent_id, tag)
  );
  CREATE INDEX agent_tags_by_tag ON agent_tags (tenant_id, tag, agent_id);

  CREATE TABLE blocks (
    tenant_id TEXT COLLATE "C" NOT NULL,
    id TEXT COLLATE "C" NOT NULL,
    label TEXT COLLATE "C" NOT NULL,
    value TEXT COLLATE "C" NOT NULL,
    "limit" BIGINT NOT NULL,
    description TEXT COLLATE "C",
    read_only SMALLINT NOT NULL,
    metadata TEXT COLLATE "C" NOT NULL,
    tags TEXT COLLATE "C" NOT NULL,
    hidden SMALLINT NOT NULL,
    extra TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    created_by_id TEXT COLLATE "C",
    updated_by_id TEXT COLLATE "C",
    PRIMARY KEY (tenant_id, id)
  );
  CREATE INDEX blocks_by_creation ON blocks (tenant_id, created_at, id);
  CREATE INDEX blocks_by_label ON blocks (tenant_id, label);

  CREATE TABLE block_versions (
    tenant_id TEXT COLLATE "C" NOT NULL,
    block_id TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    label TEXT COLLATE "C" NOT NULL,
    value TEXT COLLATE "C" NOT NULL,
    description TEXT COLLATE "C",
    "limit" BIGINT NOT NULL,
    read_only SMALLINT NOT NULL,
    actor TEXT COLLATE "C" NOT NULL,
    reason TEXT COLLATE "C" NOT NULL,
    source_message_ids TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, block_id, version)
  );

  CREATE TABLE agent_blocks (
    tenant_id TEXT COLLATE "C" NOT NULL,
    agent_id TEXT COLLATE "C" NOT NULL,
    block_id TEXT COLLATE "C" NOT NULL,
    position BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, agent_id, block_id)
  );
  CREATE INDEX agent_blocks_by_block ON agent_blocks (tenant_id, block_id, agent_id);
`
