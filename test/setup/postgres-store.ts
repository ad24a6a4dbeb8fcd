import { defaultTenantId, defaultUserId } from '../../src/domain/scope.ts'
import { openStore } from '../../src/storage/open-store.ts'
import type { Store } from '../../src/storage/store.ts'
import { createTestDatabase, execute } from './postgres-server.ts'

/** URLs of this worker's databases that no test uses now; making one takes longer than most tests. */
const idleDatabases: string[] = []

/** A database that a test has to itself. */
export interface BorrowedDatabase extends AsyncDisposable {
  readonly url: string
}

/**
 * A database of the run's server without a row of a tenant's; whoever opens it first migrates it. Disposing of it ends
 * every connection to it, and empties it for the next test.
 */
export async function borrowDatabase(): Promise<BorrowedDatabase> {
  const url = idleDatabases.pop() ?? (await createTestDatabase()).url
  return {
    url,
    async [Symbol.asyncDispose]() {
      await execute(url, `${endOtherConnections}; ${emptyEveryTable}`)
      idleDatabases.push(url)
    },
  }
}

/** A store on a database of its own, which goes back when it is closed; its leases follow the caller's clock. */
export async function openPostgresTestStore(): Promise<Store> {
  const database = await borrowDatabase()
  const store = await openStore({ location: database.url, hooks: { leaseClockOffset: 0 } })
  let closing: Promise<void> | null = null
  async function close(): Promise<void> {
    await store.close()
    await database[Symbol.asyncDispose]()
  }
  return {
    ...store,
    close() {
      closing ??= close()
      return closing
    },
  }
}

/** A process that was killed leaves its statements to the server, which may finish them at any time. */
const endOtherConnections = `
  SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
  WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'`

/**
 * A larger table is given a new file, in bytes. It takes longer than removing few rows, which stay in the file: whoever has
 * the database next would find a table that is too large to be written anew, or that seems to be worth an index.
 */
const largestKept = 4 << 20

/** Brings a database back to what the migrations leave. */
const emptyEveryTable = `
  DO $empty$
  DECLARE tenant_table regclass;
  BEGIN
    FOR tenant_table IN
      SELECT attrelid FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
      WHERE attname = 'tenant_id' AND relkind IN ('r', 'p') AND pg_table_is_visible(attrelid)
    LOOP
      IF tenant_table::text = 'tenants' THEN
        DELETE FROM tenants WHERE tenant_id <> '${defaultTenantId}';
      ELSIF tenant_table::text = 'users' THEN
        DELETE FROM users WHERE id <> '${defaultUserId}';
      ELSIF pg_total_relation_size(tenant_table) > ${largestKept} THEN
        EXECUTE format('TRUNCATE %s', tenant_table);
      ELSE
        EXECUTE format('DELETE FROM %s', tenant_table);
      END IF;
    END LOOP;
  END
  $empty$`
