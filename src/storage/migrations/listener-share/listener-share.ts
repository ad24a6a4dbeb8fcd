import type { Migration } from '../migration.ts'

/**
 * How much of a text is about whoever it is said to, in percent. Texts that are stored already count as being about
 * their speaker, as all did before.
 */
export const listenerShareMigration: Migration = {
  number: 20,
  name: 'listener-share',
  embedded: `
    ALTER TABLE search_documents ADD COLUMN listener_share INTEGER NOT NULL DEFAULT 0;
  `,
  postgres: `
    ALTER TABLE search_documents ADD COLUMN listener_share BIGINT NOT NULL DEFAULT 0;
  `,
}
