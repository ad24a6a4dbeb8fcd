import type { Migration } from '../migration.ts'

/** What an open turn waits for, and until when: rows that any process can take up again. */
export const waitingMigration: Migration = {
  number: 3,
  name: 'waiting',
  embedded: `
    ALTER TABLE turns ADD COLUMN waiting_for TEXT;
    ALTER TABLE turns ADD COLUMN wake_at INTEGER;
    CREATE INDEX turns_to_wake ON turns (wake_at) WHERE wake_at IS NOT NULL;
  `,
  postgres: `
    ALTER TABLE turns ADD COLUMN waiting_for TEXT COLLATE "C";
    ALTER TABLE turns ADD COLUMN wake_at BIGINT;
    CREATE INDEX turns_to_wake ON turns (wake_at) WHERE wake_at IS NOT NULL;
  `,
}
