import type { Migration } from '../migration.ts'

/** Which messages a summary stands for. */
export const summariesMigration: Migration = {
  number: 10,
  name: 'summaries',
  embedded: `
    CREATE TABLE summary_sources (
      tenant_id TEXT NOT NULL,
      summary_id TEXT NOT NULL,
      position INTEGER NOT NULL,
      message_id TEXT NOT NULL,
      PRIMARY KEY (tenant_id, summary_id, position)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX summary_sources_by_message ON summary_sources (tenant_id, message_id);
  `,
  postgres: `
    CREATE TABLE summary_sources (
      tenant_id TEXT COLLATE "C" NOT NULL,
      summary_id TEXT COLLATE "C" NOT NULL,
      position BIGINT NOT NULL,
      message_id TEXT COLLATE "C" NOT NULL,
      PRIMARY KEY (tenant_id, summary_id, position)
    );
    CREATE INDEX summary_sources_by_message ON summary_sources (tenant_id, message_id);
  `,
}
