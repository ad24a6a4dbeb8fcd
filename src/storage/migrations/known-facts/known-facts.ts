import type { Migration } from '../migration.ts'

/** What of facts became known last is looked up for every turn, however much is known. */
export const knownFactsMigration: Migration = {
  number: 14,
  name: 'known-facts',
  embedded: `
    CREATE INDEX facts_by_knowing ON facts (tenant_id, agent_id, kind, recorded_at, slot)
      WHERE closed_at IS NULL;
  `,
  postgres: `
    CREATE INDEX facts_by_knowing ON facts (tenant_id, agent_id, kind, recorded_at, slot)
      WHERE closed_at IS NULL;
  `,
}
