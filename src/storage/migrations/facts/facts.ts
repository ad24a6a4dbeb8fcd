import type { Migration } from '../migration.ts'

/** What was stated and when it was known, one row for each version, and the messages it was taken from. */
export const factsMigration: Migration = {
  number: 11,
  name: 'facts',
  embedded: `
    CREATE TABLE facts (
      tenant_id TEXT NOT NULL,
      id TEXT NOT NULL,
      version INTEGER NOT NULL,
      agent_id TEXT NOT NULL,
      kind TEXT NOT NULL,
      subject TEXT NOT NULL,
      attribute TEXT NOT NULL,
      value TEXT NOT NULL,
      slot TEXT NOT NULL,
      value_key TEXT NOT NULL,
      is_added INTEGER NOT NULL,
      valid_from INTEGER NOT NULL,
      stated_until INTEGER,
      origin TEXT NOT NULL,
      is_trusted INTEGER NOT NULL,
      source_message_ids TEXT NOT NULL,
      actor TEXT NOT NULL,
      reason TEXT NOT NULL,
      recorded_at INTEGER NOT NULL,
      closed_at INTEGER,
      PRIMARY KEY (tenant_id, id, version)
    ) STRICT;
    CREATE UNIQUE INDEX facts_known ON facts (tenant_id, id) WHERE closed_at IS NULL;
    CREATE INDEX facts_by_slot ON facts (tenant_id, agent_id, slot, valid_from);
    CREATE INDEX facts_by_time ON facts (tenant_id, agent_id, valid_from, id);

    CREATE TABLE fact_sources (
      tenant_id TEXT NOT NULL,
      message_id TEXT NOT NULL,
      fact_id TEXT NOT NULL,
      PRIMARY KEY (tenant_id, message_id, fact_id)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX fact_sources_by_fact ON fact_sources (tenant_id, fact_id);
  `,
  postgres: `
    CREATE TABLE facts (
      tenant_id TEXT COLLATE "C" NOT NULL,
      id TEXT COLLATE "C" NOT NULL,
      version BIGINT NOT NULL,
      agent_id TEXT COLLATE "C" NOT NULL,
      kind TEXT COLLATE "C" NOT NULL,
      subject TEXT COLLATE "C" NOT NULL,
      attribute TEXT COLLATE "C" NOT NULL,
      value TEXT COLLATE "C" NOT NULL,
      slot TEXT COLLATE "C" NOT NULL,
      value_key TEXT COLLATE "C" NOT NULL,
      is_added SMALLINT NOT NULL,
      valid_from BIGINT NOT NULL,
      stated_until BIGINT,
      origin TEXT COLLATE "C" NOT NULL,
      is_trusted SMALLINT NOT NULL,
      source_message_ids TEXT COLLATE "C" NOT NULL,
      actor TEXT COLLATE "C" NOT NULL,
      reason TEXT COLLATE "C" NOT NULL,
      recorded_at BIGINT NOT NULL,
      closed_at BIGINT,
      PRIMARY KEY (tenant_id, id, version)
    );
    CREATE UNIQUE INDEX facts_known ON facts (tenant_id, id) WHERE closed_at IS NULL;
    CREATE INDEX facts_by_slot ON facts (tenant_id, agent_id, slot, valid_from);
    CREATE INDEX facts_by_time ON facts (tenant_id, agent_id, valid_from, id);

    CREATE TABLE fact_sources (
      tenant_id TEXT COLLATE "C" NOT NULL,
      message_id TEXT COLLATE "C" NOT NULL,
      fact_id TEXT COLLATE "C" NOT NULL,
      PRIMARY KEY (tenant_id, message_id, fact_id)
    );
    CREATE INDEX fact_sources_by_fact ON fact_sources (tenant_id, fact_id);
  `,
}
