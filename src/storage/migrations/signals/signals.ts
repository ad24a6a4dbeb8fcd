import type { Migration } from '../migration.ts'

/** What is asked of a running turn from outside, and the signals that turns wait for. */
export const signalsMigration: Migration = {
  number: 4,
  name: 'signals',
  embedded: `
    ALTER TABLE turns ADD COLUMN stop_request TEXT;
    CREATE INDEX turns_to_stop ON turns (id) WHERE stop_request IS NOT NULL;

    CREATE TABLE signals (
      tenant_id TEXT NOT NULL,
      conversation_id TEXT NOT NULL,
      id TEXT NOT NULL,
      name TEXT NOT NULL,
      payload TEXT,
      created_at INTEGER NOT NULL,
      consumed_at INTEGER,
      sequence INTEGER NOT NULL,
      PRIMARY KEY (tenant_id, conversation_id, id)
    ) STRICT;
    CREATE INDEX signals_to_use
      ON signals (tenant_id, conversation_id, name, sequence) WHERE consumed_at IS NULL;
  `,
  postgres: `
    ALTER TABLE turns ADD COLUMN stop_request TEXT COLLATE "C";
    CREATE INDEX turns_to_stop ON turns (id) WHERE stop_request IS NOT NULL;

    CREATE TABLE signals (
      tenant_id TEXT COLLATE "C" NOT NULL,
      conversation_id TEXT COLLATE "C" NOT NULL,
      id TEXT COLLATE "C" NOT NULL,
      name TEXT COLLATE "C" NOT NULL,
      payload TEXT COLLATE "C",
      created_at BIGINT NOT NULL,
      consumed_at BIGINT,
      sequence BIGINT NOT NULL,
      PRIMARY KEY (tenant_id, conversation_id, id)
    );
    CREATE INDEX signals_to_use
      ON signals (tenant_id, conversation_id, name, sequence) WHERE consumed_at IS NULL;
  `,
}
