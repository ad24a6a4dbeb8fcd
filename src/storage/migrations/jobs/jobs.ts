import type { Migration } from '../migration.ts'

/**
 * Lanes, by which the queue is served in turns; schedules; what became of a callback. `due` marks the ready jobs whose
 * time has come: those are looked through lane by lane, however many others wait for a later time.
 */
export const jobsMigration: Migration = {
  number: 5,
  name: 'jobs',
  embedded: `
    ALTER TABLE jobs ADD COLUMN lane TEXT NOT NULL DEFAULT '';
    ALTER TABLE jobs ADD COLUMN due INTEGER NOT NULL DEFAULT 0;
    DROP INDEX jobs_due;
    CREATE INDEX jobs_due ON jobs (tenant_id, lane, run_at, created_at, id)
      WHERE state = 'ready' AND due = 1;
    CREATE INDEX jobs_by_lane ON jobs (tenant_id, lane);
    CREATE INDEX jobs_due_since ON jobs (run_at) WHERE state = 'ready' AND due = 1;
    CREATE INDEX jobs_upcoming ON jobs (run_at) WHERE state = 'ready' AND due = 0;
    CREATE INDEX jobs_running ON jobs (lease_until) WHERE state = 'running';
    CREATE INDEX jobs_dead ON jobs (tenant_id, updated_at) WHERE state = 'dead';
    CREATE INDEX jobs_done ON jobs (tenant_id, updated_at) WHERE state = 'done';

    CREATE TABLE schedules (
      tenant_id TEXT NOT NULL,
      id TEXT NOT NULL,
      agent_id TEXT NOT NULL,
      conversation_id TEXT NOT NULL,
      creator TEXT NOT NULL,
      timing TEXT NOT NULL,
      input TEXT NOT NULL,
      missed TEXT NOT NULL,
      state TEXT NOT NULL,
      next_at INTEGER NOT NULL,
      last_due_at INTEGER NOT NULL,
      last_run_id TEXT,
      last_error TEXT,
      fired_count INTEGER NOT NULL,
      missed_count INTEGER NOT NULL,
      created_at INTEGER NOT NULL,
      updated_at INTEGER NOT NULL,
      sequence INTEGER NOT NULL,
      PRIMARY KEY (tenant_id, id)
    ) STRICT;
    CREATE INDEX schedules_by_creation ON schedules (tenant_id, sequence);
    CREATE INDEX schedules_by_conversation ON schedules (tenant_id, conversation_id, sequence);

    ALTER TABLE runs ADD COLUMN callback_sent_at INTEGER;
    ALTER TABLE runs ADD COLUMN callback_status_code INTEGER;
    ALTER TABLE runs ADD COLUMN callback_error TEXT;
  `,
  postgres: `
    ALTER TABLE jobs ADD COLUMN lane TEXT COLLATE "C" NOT NULL DEFAULT '';
    ALTER TABLE jobs ADD COLUMN due SMALLINT NOT NULL DEFAULT 0;
    DROP INDEX jobs_due;
    CREATE INDEX jobs_due ON jobs (tenant_id, lane, run_at, created_at, id)
      WHERE state = 'ready' AND due = 1;
    CREATE INDEX jobs_by_lane ON jobs (tenant_id, lane);
    CREATE INDEX jobs_due_since ON jobs (run_at) WHERE state = 'ready' AND due = 1;
    CREATE INDEX jobs_upcoming ON jobs (run_at) WHERE state = 'ready' AND due = 0;
    CREATE INDEX jobs_running ON jobs (lease_until) WHERE state = 'running';
    CREATE INDEX jobs_dead ON jobs (tenant_id, updated_at) WHERE state = 'dead';
    CREATE INDEX jobs_done ON jobs (tenant_id, updated_at) WHERE state = 'done';

    CREATE TABLE schedules (
      tenant_id TEXT COLLATE "C" NOT NULL,
      id TEXT COLLATE "C" NOT NULL,
      agent_id TEXT COLLATE "C" NOT NULL,
      conversation_id TEXT COLLATE "C" NOT NULL,
      creator TEXT COLLATE "C" NOT NULL,
      timing TEXT COLLATE "C" NOT NULL,
      input TEXT COLLATE "C" NOT NULL,
      missed TEXT COLLATE "C" NOT NULL,
      state TEXT COLLATE "C" NOT NULL,
      next_at BIGINT NOT NULL,
      last_due_at BIGINT NOT NULL,
      last_run_id TEXT COLLATE "C",
      last_error TEXT COLLATE "C",
      fired_count BIGINT NOT NULL,
      missed_count BIGINT NOT NULL,
      created_at BIGINT NOT NULL,
      updated_at BIGINT NOT NULL,
      sequence BIGINT NOT NULL,
      PRIMARY KEY (tenant_id, id)
    );
    CREATE INDEX schedules_by_creation ON schedules (tenant_id, sequence);
    CREATE INDEX schedules_by_conversation ON schedules (tenant_id, conversation_id, sequence);

    ALTER TABLE runs ADD COLUMN callback_sent_at BIGINT;
    ALTER TABLE runs ADD COLUMN callback_status_code BIGINT;
    ALTER TABLE runs ADD COLUMN callback_error TEXT COLLATE "C";
  `,
}
