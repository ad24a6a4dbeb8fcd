/** Turns with their runs, steps, tool calls and events. */
export const turnsTables = `
  CREATE TABLE accepted_otids (
    tenant_id TEXT COLLATE "C" NOT NULL,
    conversation_id TEXT COLLATE "C" NOT NULL,
    otid TEXT COLLATE "C" NOT NULL,
    run_id TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (tenant_id, conversation_id, otid)
  );

  CREATE TABLE inbox (
    tenant_id TEXT COLLATE "C" NOT NULL,
    conversation_id TEXT COLLATE "C" NOT NULL,
    position BIGINT NOT NULL,
    turn_id TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, conversation_id, position)
  );

  CREATE TABLE turns (
    tenant_id TEXT COLLATE "C" NOT NULL,
    id TEXT COLLATE "C" NOT NULL,
    agent_id TEXT COLLATE "C" NOT NULL,
    conversation_id TEXT COLLATE "C" NOT NULL,
    state TEXT COLLATE "C" NOT NULL,
    options TEXT COLLATE "C" NOT NULL,
    step_count BIGINT NOT NULL,
    stop_reason TEXT COLLATE "C",
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    sequence BIGINT NOT NULL,
    run_id TEXT COLLATE "C" NOT NULL,
    scope TEXT COLLATE "C" NOT NULL,
    message_ids TEXT COLLATE "C" NOT NULL,
    first_sequence BIGINT NOT NULL,
    tail_position BIGINT NOT NULL,
    last_activity_at BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, id)
  );
  CREATE INDEX turns_by_conversation ON turns (tenant_id, conversation_id, state, sequence);
  CREATE INDEX turns_open ON turns (created_at) WHERE state IN ('queued', 'executing');

  CREATE TABLE runs (
    tenant_id TEXT COLLATE "C" NOT NULL,
    id TEXT COLLATE "C" NOT NULL,
    turn_id TEXT COLLATE "C" NOT NULL,
    agent_id TEXT COLLATE "C" NOT NULL,
    conversation_id TEXT COLLATE "C" NOT NULL,
    status TEXT COLLATE "C" NOT NULL,
    stop_reason TEXT COLLATE "C",
    background SMALLINT NOT NULL,
    metadata TEXT COLLATE "C" NOT NULL,
    request_config TEXT COLLATE "C" NOT NULL,
    callback_url TEXT COLLATE "C",
    created_at BIGINT NOT NULL,
    completed_at BIGINT,
    time_to_first_token_ns BIGINT,
    total_duration_ns BIGINT,
    sequence BIGINT NOT NULL,
    request_hash TEXT COLLATE "C",
    delivered SMALLINT NOT NULL,
    events_kept SMALLINT NOT NULL,
    PRIMARY KEY (tenant_id, id)
  );
  CREATE INDEX runs_by_creation ON runs (tenant_id, sequence);
  CREATE INDEX runs_by_agent ON runs (tenant_id, agent_id, sequence);
  CREATE INDEX runs_by_conversation ON runs (tenant_id, conversation_id, sequence);
  CREATE INDEX runs_with_events
    ON runs (tenant_id, completed_at) WHERE events_kept = 1 AND completed_at IS NOT NULL;

  CREATE TABLE steps (
    tenant_id TEXT COLLATE "C" NOT NULL,
    id TEXT COLLATE "C" NOT NULL,
    run_id TEXT COLLATE "C" NOT NULL,
    turn_id TEXT COLLATE "C" NOT NULL,
    agent_id TEXT COLLATE "C" NOT NULL,
    conversation_id TEXT COLLATE "C" NOT NULL,
    number BIGINT NOT NULL,
    model TEXT COLLATE "C" NOT NULL,
    provider TEXT COLLATE "C" NOT NULL,
    status TEXT COLLATE "C" NOT NULL,
    stop_reason TEXT COLLATE "C",
    prompt_tokens BIGINT NOT NULL,
    completion_tokens BIGINT NOT NULL,
    total_tokens BIGINT NOT NULL,
    cached_input_tokens BIGINT,
    cache_write_tokens BIGINT,
    reasoning_tokens BIGINT,
    context_window BIGINT NOT NULL,
    model_duration_ns BIGINT,
    error TEXT COLLATE "C",
    created_at BIGINT NOT NULL,
    completed_at BIGINT,
    sequence BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, id)
  );
  CREATE UNIQUE INDEX steps_by_turn ON steps (tenant_id, turn_id, number);
  CREATE INDEX steps_by_agent ON steps (tenant_id, agent_id, sequence);

  CREATE TABLE tool_calls (
    tenant_id TEXT COLLATE "C" NOT NULL,
    step_id TEXT COLLATE "C" NOT NULL,
    "index" BIGINT NOT NULL,
    turn_id TEXT COLLATE "C" NOT NULL,
    step_number BIGINT NOT NULL,
    call_id TEXT COLLATE "C" NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    arguments TEXT COLLATE "C" NOT NULL,
    state TEXT COLLATE "C" NOT NULL,
    started_at BIGINT,
    completed_at BIGINT,
    result TEXT COLLATE "C",
    PRIMARY KEY (tenant_id, step_id, "index")
  );
  CREATE INDEX tool_calls_by_turn
    ON tool_calls (tenant_id, turn_id, step_number, "index", name);

  CREATE TABLE events (
    tenant_id TEXT COLLATE "C" NOT NULL,
    run_id TEXT COLLATE "C" NOT NULL,
    sequence BIGINT NOT NULL,
    body TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, run_id, sequence)
  );
`
