import type { Migration } from '../migration.ts'

/** How many agents a tenant has, hidden and not: counting them each time costs more the more there are. */
export const agentCountsMigration: Migration = {
  number: 9,
  name: 'agent-counts',
  embedded: `
    CREATE TABLE agent_counts (
      tenant_id TEXT NOT NULL,
      hidden INTEGER NOT NULL,
      agents INTEGER NOT NULL,
      PRIMARY KEY (tenant_id, hidden)
    ) STRICT, WITHOUT ROWID;
    INSERT INTO agent_counts (tenant_id, hidden, agents)
      SELECT tenant_id, hidden, count(*) FROM agents GROUP BY tenant_id, hidden;
  `,
  postgres: `
    CREATE TABLE agent_counts (
      tenant_id TEXT COLLATE "C" NOT NULL,
      hidden BIGINT NOT NULL,
      agents BIGINT NOT NULL,
      PRIMARY KEY (tenant_id, hidden)
    );
    INSERT INTO agent_counts (tenant_id, hidden, agents)
      SELECT tenant_id, hidden, count(*) FROM agents GROUP BY tenant_id, hidden;
  `,
}
