import type { Migration } from '../migration.ts'

/** How many tokens a model has taken to look after each agent's memory, on which day, and what it saw last. */
export const tokenBudgetMigration: Migration = {
  number: 18,
  name: 'token-budget',
  embedded: `
    ALTER TABLE agent_activity ADD COLUMN upkeep_day INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE agent_activity ADD COLUMN upkeep_tokens INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE agent_activity ADD COLUMN upkeep_mark INTEGER NOT NULL DEFAULT 0;
  `,
  postgres: `
    ALTER TABLE agent_activity ADD COLUMN upkeep_day BIGINT NOT NULL DEFAULT 0;
    ALTER TABLE agent_activity ADD COLUMN upkeep_tokens BIGINT NOT NULL DEFAULT 0;
    ALTER TABLE agent_activity ADD COLUMN upkeep_mark BIGINT NOT NULL DEFAULT 0;
  `,
}
