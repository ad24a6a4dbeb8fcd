import type { Migration } from '../migration.ts'

/** What somebody answered to tool calls that waited for it, kept with the message that carries the answer; finding what waits. */
export const approvalsMigration: Migration = {
  number: 6,
  name: 'approvals',
  embedded: `
    ALTER TABLE messages ADD COLUMN approvals TEXT NOT NULL DEFAULT '[]';
    CREATE INDEX turns_waiting ON turns (tenant_id, agent_id, sequence) WHERE state = 'waiting';
  `,
  postgres: `
    ALTER TABLE messages ADD COLUMN approvals TEXT COLLATE "C" NOT NULL DEFAULT '[]';
    CREATE INDEX turns_waiting ON turns (tenant_id, agent_id, sequence) WHERE state = 'waiting';
  `,
}
