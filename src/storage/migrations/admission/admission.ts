import type { Migration } from '../migration.ts'

const indexes = `
    CREATE INDEX passages_by_length ON passages (tenant_id, archive_id, length(text));
    CREATE INDEX passages_untrusted ON passages (tenant_id, archive_id, created_at)
      WHERE origin IN ('tool', 'web');
  `

/** What finds a text that is stored already, and the texts that wait until a person trusts them. */
export const admissionMigration: Migration = {
  number: 15,
  name: 'admission',
  embedded: indexes,
  postgres: indexes,
}
