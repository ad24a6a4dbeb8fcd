import type { Migration } from '../migration.ts'

/** When agents' memories are tidied by themselves, and how many turns each agent has ended. */
export const consolidationMigration: Migration = {
  number: 16,
  name: 'consolidation',
  embedded: `
    ALTER TABLE agents ADD COLUMN consolidation TEXT;
    ALTER TABLE agent_activity ADD COLUMN turn_count INTEGER NOT NULL DEFAULT 0;
  `,
  postgres: `
    ALTER TABLE agents ADD COLUMN consolidation TEXT COLLATE "C";
    ALTER TABLE agent_activity ADD COLUMN turn_count BIGINT NOT NULL DEFAULT 0;
  `,
}
