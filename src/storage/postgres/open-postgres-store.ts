import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Client } from 'pg'
import { systemClock } from '../../util/clock.ts'
import { createStore } from '../create-store.ts'
import type { OpenStoreOptions } from '../store-options.ts'
import type { Store, VectorSupport } from '../store.ts'
import { CommitChannel } from './commit-channel.ts'
import { connect, createPool, type ConnectOptions } from './connect.ts'
import { parseDatabaseUrl } from './database-url.ts'
import { databaseNow, LeaseClock } from './lease-clock.ts'
import { migrate, type DatabaseFacts } from './migrate.ts'
import { sqlState, sqlStates, toStorageError } from './postgres-error.ts'
import { PostgresHost } from './postgres-host.ts'
import { prepareVectors } from './prepare-vectors.ts'

const defaultBusyDeadlineMs = 10_000
const defaultPoolSize = 10
const startPollMs = 200

/** Written anew within the time that others wait for a lock, also by a slow disk. */
const defaultRewriteLimitBytes = 512 << 20

/** Opens a database on a PostgreSQL server. Rejects as `openStore` does. */
export async function openPostgresStore(options: OpenStoreOptions): Promise<Store> {
  const { connectionString, location } = parseDatabaseUrl(options.location)
  const busyDeadlineMs = options.busyDeadlineMs ?? defaultBusyDeadlineMs
  const config = { connectionString, busyDeadlineMs }
  const owner = `${hostname()}-${process.pid}-${randomUUID()}`
  const channel = new CommitChannel({ owner, connect: () => connect(config) })
  try {
    const facts = await prepare(config, location, (options.clock ?? systemClock).now())
    await channel.open()
    return createStore(
      new PostgresHost({
        pool: createPool(config, options.poolSize ?? defaultPoolSize),
        channel,
        description: {
          engine: 'postgres',
          location,
          owner,
          databaseId: facts.databaseId,
          schemaVersion: facts.schemaVersion,
          migration: facts.migration,
          isPartialCopy: facts.isPartialCopy,
          vectors: facts.vectors,
        },
        reconnectMs: busyDeadlineMs,
        leaseClock: new LeaseClock({
          distance: options.hooks?.leaseClockOffset ?? facts.clockDistance,
          isFixed: options.hooks?.leaseClockOffset !== undefined,
        }),
        hooks: options.hooks ?? {},
        folder: options.folder ?? null,
        rewriteLimitBytes: options.rewriteLimitBytes ?? defaultRewriteLimitBytes,
      }),
    )
  } catch (error) {
    await channel.close()
    throw toStorageError(error, location)
  }
}

/** A server that is just starting is waited for; any other failure is told at once. */
async function connectWhenStarted(config: ConnectOptions): Promise<Client> {
  const start = performance.now()
  for (;;) {
    try {
      return await connect(config)
    } catch (error) {
      const isOverdue = performance.now() - start >= config.busyDeadlineMs
      if (sqlState(error) !== sqlStates.starting || isOverdue) throw error
    }
    await sleep(startPollMs)
  }
}

/** What is known of a database once it is open. */
interface OpenFacts extends DatabaseFacts {
  readonly vectors: VectorSupport
  /** How far the server's clock is ahead of ours, in milliseconds. */
  readonly clockDistance: number
}

async function prepare(config: ConnectOptions, location: string, now: number): Promise<OpenFacts> {
  const client = await connectWhenStarted(config)
  try {
    const facts = await migrate(client, { location, now })
    const vectors = await prepareVectors(client)
    const result = await client.query<{ now: number }>(`SELECT ${databaseNow} AS now`)
    return { ...facts, vectors, clockDistance: (result.rows[0]?.now ?? now) - now }
  } finally {
    await client.end()
  }
}
