import type { Migration } from '../migration.ts'

/** The receipts of what was forgotten. They hold numbers and times, nothing of what is gone. */
export const forgetMigration: Migration = {
  number: 13,
  name: 'forget',
  embedded: `
    CREATE TABLE forget_receipts (
      tenant_id TEXT NOT NULL,
      id TEXT NOT NULL,
      agent_id TEXT,
      origin TEXT NOT NULL,
      state TEXT NOT NULL,
      counts TEXT NOT NULL,
      residue TEXT,
      cleaning TEXT,
      outside TEXT NOT NULL,
      requested_by_id TEXT NOT NULL,
      created_at INTEGER NOT NULL,
      completed_at INTEGER,
      PRIMARY KEY (tenant_id, id)
    ) STRICT;
    CREATE INDEX forget_receipts_by_creation ON forget_receipts (tenant_id, created_at, id);
  `,
  postgres: `
    CREATE TABLE forget_receipts (
      tenant_id TEXT COLLATE "C" NOT NULL,
      id TEXT COLLATE "C" NOT NULL,
      agent_id TEXT COLLATE "C",
      origin TEXT COLLATE "C" NOT NULL,
      state TEXT COLLATE "C" NOT NULL,
      counts TEXT COLLATE "C" NOT NULL,
      residue TEXT COLLATE "C",
      cleaning TEXT COLLATE "C",
      outside TEXT COLLATE "C" NOT NULL,
      requested_by_id TEXT COLLATE "C" NOT NULL,
      created_at BIGINT NOT NULL,
      completed_at BIGINT,
      PRIMARY KEY (tenant_id, id)
    );
    CREATE INDEX forget_receipts_by_creation ON forget_receipts (tenant_id, created_at, id);
  `,
}
