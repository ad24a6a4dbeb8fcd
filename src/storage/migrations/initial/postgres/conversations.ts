/** Conversations with their messages. */
export const conversationsTables = `
  CREATE TABLE conversations (
    tenant_id TEXT COLLATE "C" NOT NULL,
    id TEXT COLLATE "C" NOT NULL,
    agent_id TEXT COLLATE "C" NOT NULL,
    is_default SMALLINT NOT NULL,
    summary TEXT COLLATE "C",
    model TEXT COLLATE "C",
    model_settings TEXT COLLATE "C",
    context_window BIGINT,
    hidden SMALLINT NOT NULL,
    state TEXT COLLATE "C" NOT NULL,
    archived_at BIGINT,
    last_message_at BIGINT NOT NULL,
    last_run_completion BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    system_message_id TEXT COLLATE "C" NOT NULL,
    view_from BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, id)
  );
  CREATE INDEX conversations_by_agent ON conversations (tenant_id, agent_id, created_at, id);
  CREATE INDEX conversations_by_creation
    ON conversations (tenant_id, created_at, id) WHERE is_default = 0;
  CREATE INDEX conversations_by_message
    ON conversations (tenant_id, last_message_at, id) WHERE is_default = 0;
  CREATE INDEX conversations_by_completion
    ON conversations (tenant_id, last_run_completion, id) WHERE is_default = 0;

  CREATE TABLE conversation_heads (
    tenant_id TEXT COLLATE "C" NOT NULL,
    conversation_id TEXT COLLATE "C" NOT NULL,
    agent_id TEXT COLLATE "C" NOT NULL,
    next_position BIGINT NOT NULL,
    next_inbox BIGINT NOT NULL,
    lease_owner TEXT COLLATE "C",
    lease_fence BIGINT NOT NULL,
    lease_until BIGINT,
    PRIMARY KEY (tenant_id, conversation_id)
  );

  CREATE TABLE prompt_prefixes (
    tenant_id TEXT COLLATE "C" NOT NULL,
    conversation_id TEXT COLLATE "C" NOT NULL,
    body TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (tenant_id, conversation_id)
  );

  CREATE TABLE messages (
    tenant_id TEXT COLLATE "C" NOT NULL,
    id TEXT COLLATE "C" NOT NULL,
    sequence BIGINT NOT NULL,
    agent_id TEXT COLLATE "C" NOT NULL,
    conversation_id TEXT COLLATE "C" NOT NULL,
    role TEXT COLLATE "C" NOT NULL,
    content TEXT COLLATE "C" NOT NULL,
    tool_calls TEXT COLLATE "C" NOT NULL,
    tool_returns TEXT COLLATE "C" NOT NULL,
    name TEXT COLLATE "C",
    otid TEXT COLLATE "C" NOT NULL,
    sender_id TEXT COLLATE "C",
    group_id TEXT COLLATE "C",
    run_id TEXT COLLATE "C",
    step_id TEXT COLLATE "C",
    model TEXT COLLATE "C",
    is_error SMALLINT NOT NULL,
    searchable SMALLINT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, id)
  );
  CREATE UNIQUE INDEX messages_by_agent ON messages (tenant_id, agent_id, sequence);
  CREATE INDEX messages_by_run ON messages (tenant_id, run_id, sequence) WHERE run_id IS NOT NULL;

  CREATE TABLE conversation_items (
    tenant_id TEXT COLLATE "C" NOT NULL,
    conversation_id TEXT COLLATE "C" NOT NULL,
    position BIGINT NOT NULL,
    message_id TEXT COLLATE "C",
    message_sequence BIGINT,
    tail_text TEXT COLLATE "C",
    tail_sources TEXT COLLATE "C",
    created_at BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, conversation_id, position)
  );
  CREATE INDEX conversation_items_by_message
    ON conversation_items (tenant_id, message_id) WHERE message_id IS NOT NULL;
  CREATE INDEX conversation_items_by_sequence
    ON conversation_items (tenant_id, conversation_id, message_sequence, message_id)
    WHERE message_id IS NOT NULL;
`
