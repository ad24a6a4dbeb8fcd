import type { Migration } from '../migration.ts'

/** The present fields of a block go into its newest version; what older versions had is not known. */
const fill = `
    UPDATE block_versions SET details = (
      SELECT '{"metadata":' || b.metadata || ',"tags":' || b.tags || ',"hidden":'
        || CASE b.hidden WHEN 1 THEN 'true' ELSE 'false' END || ',"extra":' || b.extra || '}'
      FROM blocks b WHERE b.tenant_id = block_versions.tenant_id
        AND b.id = block_versions.block_id AND b.version = block_versions.version);
  `

/** All fields of a block have versions, and a block that is taken from an agent leaves the place it had. */
export const blockDetailsMigration: Migration = {
  number: 19,
  name: 'block-details',
  embedded: `
    ALTER TABLE block_versions ADD COLUMN details TEXT;
    ALTER TABLE memory_changes ADD COLUMN position INTEGER;
    ${fill}
  `,
  postgres: `
    ALTER TABLE block_versions ADD COLUMN details TEXT COLLATE "C";
    ALTER TABLE memory_changes ADD COLUMN position BIGINT;
    ${fill}
  `,
}
