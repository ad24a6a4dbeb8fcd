/** Conversations with their messages. */
export const conversationsTables = `
  CREATE TABLE conversations (
    tenant_id TEXT NOT NULL,
    id TEXT NOT NULL,
    agent_id TEXT NOT NULL,
    is_default INTEGER NOT NULL,
    summary TEXT,
    model TEXT,
    model_settings TEXT,
    context_window INTEGER,
    hidden INTEGER NOT NULL,
    state TEXT NOT NULL,
    archived_at INTEGER,
    last_message_at INTEGER NOT NULL,
    last_run_completion INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    system_message_id TEXT NOT NULL,
    view_from INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, id)
  ) STRICT;
  CREATE INDEX conversations_by_agent ON conversations (tenant_id, agent_id, created_at, id);
  CREATE INDEX conversations_by_creation
    ON conversations (tenant_id, created_at, id) WHERE is_default = 0;
  CREATE INDEX conversations_by_message
    ON conversations (tenant_id, last_message_at, id) WHERE is_default = 0;
  CREATE INDEX conversations_by_completion
    ON conversations (tenant_id, last_run_completion, id) WHERE is_default = 0;

  CREATE TABLE conversation_heads (
    tenant_id TEXT NOT NULL,
    conversation_id TEXT NOT NULL,
    agent_id TEXT NOT NULL,
    next_position INTEGER NOT NULL,
    next_inbox INTEGER NOT NULL,
    lease_owner TEXT,
    lease_fence INTEGER NOT NULL,
    lease_until INTEGER,
    PRIMARY KEY (tenant_id, conversation_id)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE prompt_prefixes (
    tenant_id TEXT NOT NULL,
    conversation_id TEXT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (tenant_id, conversation_id)
  ) STRICT;

  CREATE TABLE messages (
    tenant_id TEXT NOT NULL,
    id TEXT NOT NULL,
    sequence INTEGER NOT NULL,
    agent_id TEXT NOT NULL,
    conversation_id TEXT NOT NULL,
    role TEXT NOT NULL,
    content TEXT NOT NULL,
    tool_calls TEXT NOT NULL,
    tool_returns TEXT NOT NULL,
    name TEXT,
    otid TEXT NOT NULL,
    sender_id TEXT,
    group_id TEXT,
    run_id TEXT,
    step_id TEXT,
    model TEXT,
    is_error INTEGER NOT NULL,
    searchable INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, id)
  ) STRICT;
  CREATE UNIQUE INDEX messages_by_agent ON messages (tenant_id, agent_id, sequence);
  CREATE INDEX messages_by_run ON messages (tenant_id, run_id, sequence) WHERE run_id IS NOT NULL;

  CREATE TABLE conversation_items (
    tenant_id TEXT NOT NULL,
    conversation_id TEXT NOT NULL,
    position INTEGER NOT NULL,
    message_id TEXT,
    message_sequence INTEGER,
    tail_text TEXT,
    tail_sources TEXT,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, conversation_id, position)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX conversation_items_by_message
    ON conversation_items (tenant_id, message_id) WHERE message_id IS NOT NULL;
  CREATE INDEX conversation_items_by_sequence
    ON conversation_items (tenant_id, conversation_id, message_sequence, message_id)
    WHERE message_id IS NOT NULL;
`
