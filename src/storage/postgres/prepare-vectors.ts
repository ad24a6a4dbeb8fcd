import type { ClientBase } from 'pg'

/** Sets this advisory lock apart from those of other programs. */
const preparationLock = '5497853344410263'

/** Whether the column of the vectors still has the type that every server knows. */
const isPlain = `EXISTS (SELECT 1 FROM pg_attribute WHERE attrelid = 'vectors'::regclass
  AND attname = 'embedding' AND atttypid = 'real[]'::regtype)`

/**
 * Gives the column of the vectors its type once the server has pgvector: with the migration, or whenever the program
 * is started after somebody has installed it. Nothing happens where it is not there or may not be created; the
 * operations on vectors say so then.
 */
export async function prepareVectors(client: ClientBase): Promise<void> {
  const present = await client.query<{ plain: boolean }>(`SELECT ${isPlain} AS plain`)
  if (present.rows[0]?.plain !== true) return
  await client.query(`
    DO $preparation$
    BEGIN
      PERFORM pg_advisory_xact_lock(${preparationLock});
      IF ${isPlain} THEN
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
