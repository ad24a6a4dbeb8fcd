import pg from 'pg'
import type { ClientConfig } from 'pg'
import { getTypeParser } from './type-parser.ts'

const statementTimeoutMs = 30_000
const idleTransactionTimeoutMs = 60_000
const keepAliveDelayMs = 10_000

/** How connections to a database are made. */
export interface ConnectOptions {
  /** What the driver gets. */
  readonly connectionString: string
  /** How long a connection, and then a lock, is waited for, in milliseconds. */
  readonly busyDeadlineMs: number
}

/** Makes one connection that nobody shares. Rejects as the driver does. */
export async function connect(options: ConnectOptions): Promise<pg.Client> {
  const client = new pg.Client(toConfig(options))
  client.on('error', ignoreLoss)
  await client.connect()
  try {
    await client.query(toSettings(options))
  } catch (error) {
    await client.end()
    throw error
  }
  return client
}

/** A pool of at most `max` connections, which are made when they are needed. */
export function createPool(options: ConnectOptions, max: number): pg.Pool {
  const pool = new pg.Pool({
    ...toConfig(options),
    max,
    allowExitOnIdle: true,
    // The driver waits for what it returns, which its types do not say.
    onConnect: (client): unknown => {
      client.on('error', ignoreLoss)
      return client.query(toSettings(options))
    },
  })
  pool.on('error', ignoreLoss)
  return pool
}

function toConfig({ connectionString, busyDeadlineMs }: ConnectOptions): ClientConfig {
  return {
    connectionString,
    application_name: 'letta-ts',
    connectionTimeoutMillis: busyDeadlineMs,
    keepAlive: true,
    keepAliveInitialDelayMillis: keepAliveDelayMs,
    types: { getTypeParser },
  }
}

/** Sent once a connection is made: a pooler in between refuses a client that asks for them as it connects. */
function toSettings({ busyDeadlineMs }: ConnectOptions): SettingsQuery {
  const text = `SET statement_timeout = ${statementTimeoutMs}; SET lock_timeout = ${busyDeadlineMs};
    SET idle_in_transaction_session_timeout = ${idleTransactionTimeoutMs}`
  return { text, query_timeout: busyDeadlineMs }
}

/** A query that is given up after some milliseconds, which the driver's types do not know. */
interface SettingsQuery {
  readonly text: string
  readonly query_timeout: number
}

/**
 * Whoever waits for an answer of a lost connection gets the error; one that nobody uses is replaced when the next is
 * needed. As an event it would end the process.
 */
function ignoreLoss(): void {}
