import type { ClientBase } from 'pg'
import type { VectorSupport } from '../store.ts'

/** Sets this advisory lock apart from those of other programs. */
const preparationLock = '5497853344410263'

/** What an administrator has to do, and what comes after that. */
const howToCreate =
  'run CREATE EXTENSION vector in the database as an administrator, and start the program again.'

/** Whether the column of the vectors still has the type that every server knows. */
const columnIsPlain = `EXISTS (SELECT 1 FROM pg_attribute WHERE attrelid = 'vectors'::regclass
  AND attname = 'embedding' AND atttypid = 'real[]'::regtype)`

/** What a server says of pgvector, as versions; null = there is none. */
export interface Extension {
  /** Whether the column has to do without it. */
  readonly isPlain: boolean
  /** What this database has. */
  readonly created: string | null
  /** What could be created in it. */
  readonly offered: string | null
}

/**
 * Gives the column of the vectors its type once the server has pgvector: with the migration, or whenever the program
 * is started after somebody has installed it. Says what was found: where the extension is not there or may not be
 * created, everything but the operations on vectors works.
 */
export async function prepareVectors(client: ClientBase): Promise<VectorSupport> {
  const found = await findExtension(client)
  if (!found.isPlain) return toVectorSupport(found)
  await createExtension(client)
  return toVectorSupport(await findExtension(client))
}

async function findExtension(client: ClientBase): Promise<Extension> {
  const { rows } = await client.query<Extension>(
    `SELECT ${columnIsPlain} AS "isPlain",
       (SELECT extversion FROM pg_extension WHERE extname = 'vector') AS created,
       (SELECT default_version FROM pg_available_extensions WHERE name = 'vector') AS offered`,
  )
  return rows[0] ?? { isPlain: true, created: null, offered: null }
}

/** What the program can do with what the server has. */
export function toVectorSupport({ isPlain, created, offered }: Extension): VectorSupport {
  if (!isPlain) return { isAvailable: true, by: `pgvector ${created ?? ''}`.trim() }
  return { isAvailable: false, remedy: toRemedy(created, offered) }
}

function toRemedy(created: string | null, offered: string | null): string {
  if (created !== null) {
    return `pgvector ${created} cannot be used by this user. Put its schema into the user's search_path, make the user the owner of the tables, and start the program again.`
  }
  return offered === null
    ? `the server has no pgvector. Install it there, ${howToCreate}`
    : `pgvector ${offered} is on the server, and this user may not create it. Let somebody ${howToCreate}`
}

async function createExtension(client: ClientBase): Promise<void> {
  await client.query(`
    DO $preparation$
    BEGIN
      PERFORM pg_advisory_xact_lock(${preparationLock});
      IF ${columnIsPlain} THEN
        CREATE EXTENSION IF NOT EXISTS vector;
        ALTER TABLE vectors ALTER COLUMN embedding TYPE vector USING embedding::vector;
      END IF;
    EXCEPTION
      WHEN insufficient_privilege OR undefined_file OR feature_not_supported
        OR read_only_sql_transaction OR undefined_object THEN NULL;
    END
    $preparation$;
  `)
}
