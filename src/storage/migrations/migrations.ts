import { initialMigration } from './initial/initial.ts'
import type { Migration } from './migration.ts'

/** Every migration by number. Append only: what has been released is never edited. */
export const migrations: readonly Migration[] = [initialMigration]
