import type { Migration } from '../migration.ts'

/** One numbered row for each change of memory, past states of passages, and edits that wait for a review. */
export const changesMigration: Migration = {
  number: 8,
  name: 'changes',
  embedded: `
    ALTER TABLE agents ADD COLUMN memory_mode TEXT NOT NULL DEFAULT 'auto';
    ALTER TABLE passages ADD COLUMN version INTEGER NOT NULL DEFAULT 1;

    CREATE TABLE memory_numbers (
      tenant_id TEXT NOT NULL,
      value INTEGER NOT NULL,
      PRIMARY KEY (tenant_id)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE memory_changes (
      tenant_id TEXT NOT NULL,
      number INTEGER NOT NULL,
      subject TEXT NOT NULL,
      item_id TEXT NOT NULL,
      owner_id TEXT NOT NULL,
      label TEXT,
      action TEXT NOT NULL,
      version INTEGER NOT NULL,
      before_hash TEXT,
      after_hash TEXT,
      agent_id TEXT,
      run_id TEXT,
      undoes INTEGER,
      actor TEXT NOT NULL,
      reason TEXT NOT NULL,
      source_message_ids TEXT NOT NULL,
      created_at INTEGER NOT NULL,
      PRIMARY KEY (tenant_id, number)
    ) STRICT;
    CREATE INDEX memory_changes_by_item ON memory_changes (tenant_id, item_id, number);
    CREATE INDEX memory_changes_by_owner ON memory_changes (tenant_id, owner_id, number);
    CREATE INDEX memory_changes_by_agent ON memory_changes (tenant_id, agent_id, number);
    CREATE INDEX memory_changes_by_run ON memory_changes (tenant_id, run_id, number);

    CREATE TABLE passage_versions (
      tenant_id TEXT NOT NULL,
      passage_id TEXT NOT NULL,
      version INTEGER NOT NULL,
      archive_id TEXT NOT NULL,
      item TEXT NOT NULL,
      PRIMARY KEY (tenant_id, passage_id, version)
    ) STRICT;
    CREATE INDEX passage_versions_by_archive ON passage_versions (tenant_id, archive_id);

    CREATE TABLE memory_proposals (
      tenant_id TEXT NOT NULL,
      number INTEGER NOT NULL,
      agent_id TEXT NOT NULL,
      run_id TEXT,
      state TEXT NOT NULL,
      edit TEXT NOT NULL,
      actor TEXT NOT NULL,
      reason TEXT NOT NULL,
      source_message_ids TEXT NOT NULL,
      created_at INTEGER NOT NULL,
      settled_at INTEGER,
      settled_by_id TEXT,
      PRIMARY KEY (tenant_id, number)
    ) STRICT;
    CREATE INDEX memory_proposals_by_agent ON memory_proposals (tenant_id, agent_id, number);

    INSERT INTO memory_changes
    SELECT tenant_id, row_number() OVER (PARTITION BY tenant_id ORDER BY created_at, item_id, version),
      subject, item_id, owner_id, label, action, version, NULL, NULL, NULL, NULL, NULL,
      actor, reason, source_message_ids, created_at
    FROM (
      SELECT tenant_id, 'block' AS subject, block_id AS item_id, block_id AS owner_id, label,
        CASE version WHEN 1 THEN 'create' ELSE 'edit' END AS action, version,
        actor, reason, source_message_ids, created_at
      FROM block_versions
      UNION ALL
      SELECT tenant_id, 'passage', id, archive_id, NULL, 'create', 1,
        '{"kind":"system","id":"migration"}', 'stored', source_message_ids, updated_at
      FROM passages
    ) past;
    INSERT INTO memory_numbers
    SELECT tenant_id, max(number) FROM memory_changes GROUP BY tenant_id;
  `,
  postgres: `
    ALTER TABLE agents ADD COLUMN memory_mode TEXT COLLATE "C" NOT NULL DEFAULT 'auto';
    ALTER TABLE passages ADD COLUMN version BIGINT NOT NULL DEFAULT 1;

    CREATE TABLE memory_numbers (
      tenant_id TEXT COLLATE "C" NOT NULL,
      value BIGINT NOT NULL,
      PRIMARY KEY (tenant_id)
    );

    CREATE TABLE memory_changes (
      tenant_id TEXT COLLATE "C" NOT NULL,
      number BIGINT NOT NULL,
      subject TEXT COLLATE "C" NOT NULL,
      item_id TEXT COLLATE "C" NOT NULL,
      owner_id TEXT COLLATE "C" NOT NULL,
      label TEXT COLLATE "C",
      action TEXT COLLATE "C" NOT NULL,
      version BIGINT NOT NULL,
      before_hash TEXT COLLATE "C",
      after_hash TEXT COLLATE "C",
      agent_id TEXT COLLATE "C",
      run_id TEXT COLLATE "C",
      undoes BIGINT,
      actor TEXT COLLATE "C" NOT NULL,
      reason TEXT COLLATE "C" NOT NULL,
      source_message_ids TEXT COLLATE "C" NOT NULL,
      created_at BIGINT NOT NULL,
      PRIMARY KEY (tenant_id, number)
    );
    CREATE INDEX memory_changes_by_item ON memory_changes (tenant_id, item_id, number);
    CREATE INDEX memory_changes_by_owner ON memory_changes (tenant_id, owner_id, number);
    CREATE INDEX memory_changes_by_agent ON memory_changes (tenant_id, agent_id, number);
    CREATE INDEX memory_changes_by_run ON memory_changes (tenant_id, run_id, number);

    CREATE TABLE passage_versions (
      tenant_id TEXT COLLATE "C" NOT NULL,
      passage_id TEXT COLLATE "C" NOT NULL,
      version BIGINT NOT NULL,
      archive_id TEXT COLLATE "C" NOT NULL,
      item TEXT COLLATE "C" NOT NULL,
      PRIMARY KEY (tenant_id, passage_id, version)
    );
    CREATE INDEX passage_versions_by_archive ON passage_versions (tenant_id, archive_id);

    CREATE TABLE memory_proposals (
      tenant_id TEXT COLLATE "C" NOT NULL,
      number BIGINT NOT NULL,
      agent_id TEXT COLLATE "C" NOT NULL,
      run_id TEXT COLLATE "C",
      state TEXT COLLATE "C" NOT NULL,
      edit TEXT COLLATE "C" NOT NULL,
      actor TEXT COLLATE "C" NOT NULL,
      reason TEXT COLLATE "C" NOT NULL,
      source_message_ids TEXT COLLATE "C" NOT NULL,
      created_at BIGINT NOT NULL,
      settled_at BIGINT,
      settled_by_id TEXT COLLATE "C",
      PRIMARY KEY (tenant_id, number)
    );
    CREATE INDEX memory_proposals_by_agent ON memory_proposals (tenant_id, agent_id, number);

    INSERT INTO memory_changes
    SELECT tenant_id, row_number() OVER (PARTITION BY tenant_id ORDER BY created_at, item_id, version),
      subject, item_id, owner_id, label, action, version, NULL, NULL, NULL, NULL, NULL::bigint,
      actor, reason, source_message_ids, created_at
    FROM (
      SELECT tenant_id, 'block' AS subject, block_id AS item_id, block_id AS owner_id, label,
        CASE version WHEN 1 THEN 'create' ELSE 'edit' END AS action, version,
        actor, reason, source_message_ids, created_at
      FROM block_versions
      UNION ALL
      SELECT tenant_id, 'passage', id, archive_id, NULL, 'create', 1,
        '{"kind":"system","id":"migration"}', 'stored', source_message_ids, updated_at
      FROM passages
    ) past;
    INSERT INTO memory_numbers
    SELECT tenant_id, max(number) FROM memory_changes GROUP BY tenant_id;
  `,
}
