/** Turns with their runs, steps, tool calls and events. */
export const turnsTables = `
  CREATE TABLE accepted_otids (
    tenant_id TEXT NOT NULL,
    conversation_id TEXT NOT NULL,
    otid TEXT NOT NULL,
    run_id TEXT NOT NULL,
    PRIMARY KEY (tenant_id, conversation_id, otid)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE inbox (
    tenant_id TEXT NOT NULL,
    conversation_id TEXT NOT NULL,
    position INTEGER NOT NULL,
    turn_id TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, conversation_id, position)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE turns (
    tenant_id TEXT NOT NULL,
    id TEXT NOT NULL,
    agent_id TEXT NOT NULL,
    conversation_id TEXT NOT NULL,
    state TEXT NOT NULL,
    options TEXT NOT NULL,
    step_count INTEGER NOT NULL,
    stop_reason TEXT,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    sequence INTEGER NOT NULL,
    run_id TEXT NOT NULL,
    scope TEXT NOT NULL,
    message_ids TEXT NOT NULL,
    first_sequence INTEGER NOT NULL,
    tail_position INTEGER NOT NULL,
    last_activity_at INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, id)
  ) STRICT;
  CREATE INDEX turns_by_conversation ON turns (tenant_id, conversation_id, state, sequence);
  CREATE INDEX turns_open ON turns (created_at) WHERE state IN ('queued', 'executing');

  CREATE TABLE runs (
    tenant_id TEXT NOT NULL,
    id TEXT NOT NULL,
    turn_id TEXT NOT NULL,
    agent_id TEXT NOT NULL,
    conversation_id TEXT NOT NULL,
    status TEXT NOT NULL,
    stop_reason TEXT,
    background INTEGER NOT NULL,
    metadata TEXT NOT NULL,
    request_config TEXT NOT NULL,
    callback_url TEXT,
    created_at INTEGER NOT NULL,
    completed_at INTEGER,
    time_to_first_token_ns INTEGER,
    total_duration_ns INTEGER,
    sequence INTEGER NOT NULL,
    request_hash TEXT,
    delivered INTEGER NOT NULL,
    events_kept INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, id)
  ) STRICT;
  CREATE INDEX runs_by_creation ON runs (tenant_id, sequence);
  CREATE INDEX runs_by_agent ON runs (tenant_id, agent_id, sequence);
  CREATE INDEX runs_by_conversation ON runs (tenant_id, conversation_id, sequence);
  CREATE INDEX runs_with_events
    ON runs (tenant_id, completed_at) WHERE events_kept = 1 AND completed_at IS NOT NULL;

  CREATE TABLE steps (
    tenant_id TEXT NOT NULL,
    id TEXT NOT NULL,
    run_id TEXT NOT NULL,
    turn_id TEXT NOT NULL,
    agent_id TEXT NOT NULL,
    conversation_id TEXT NOT NULL,
    number INTEGER NOT NULL,
    model TEXT NOT NULL,
    provider TEXT NOT NULL,
    status TEXT NOT NULL,
    stop_reason TEXT,
    prompt_tokens INTEGER NOT NULL,
    completion_tokens INTEGER NOT NULL,
    total_tokens INTEGER NOT NULL,
    cached_input_tokens INTEGER,
    cache_write_tokens INTEGER,
    reasoning_tokens INTEGER,
    context_window INTEGER NOT NULL,
    model_duration_ns INTEGER,
    error TEXT,
    created_at INTEGER NOT NULL,
    completed_at INTEGER,
    sequence INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, id)
  ) STRICT;
  CREATE UNIQUE INDEX steps_by_turn ON steps (tenant_id, turn_id, number);
  CREATE INDEX steps_by_agent ON steps (tenant_id, agent_id, sequence);

  CREATE TABLE tool_calls (
    tenant_id TEXT NOT NULL,
    step_id TEXT NOT NULL,
    "index" INTEGER NOT NULL,
    turn_id TEXT NOT NULL,
    step_number INTEGER NOT NULL,
    call_id TEXT NOT NULL,
    name TEXT NOT NULL,
    arguments TEXT NOT NULL,
    state TEXT NOT NULL,
    started_at INTEGER,
    completed_at INTEGER,
    result TEXT,
    PRIMARY KEY (tenant_id, step_id, "index")
  ) STRICT;
  CREATE INDEX tool_calls_by_turn
    ON tool_calls (tenant_id, turn_id, step_number, "index", name);

  CREATE TABLE events (
    tenant_id TEXT NOT NULL,
    run_id TEXT NOT NULL,
    sequence INTEGER NOT NULL,
    body TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, run_id, sequence)
  ) STRICT, WITHOUT ROWID;
`
