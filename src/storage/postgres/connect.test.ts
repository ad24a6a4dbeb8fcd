import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { expect, it } from 'vitest'
import { describePostgres } from '../../../test/setup/describe-postgres.ts'
import { borrowDatabase } from '../../../test/setup/postgres-store.ts'
import { connect, createPool } from './connect.ts'

const settings = `SELECT current_setting('statement_timeout') AS statement,
  current_setting('lock_timeout') AS lock, current_setting('idle_in_transaction_session_timeout') AS idle`

/** The names that PgBouncer takes without being told, besides `user` and `database`. */
const takenByPoolers = ['application_name', 'client_encoding']

it('connect() asks for nothing as it connects that a pooler refuses', async () => {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const connecting = connect({
    connectionString: `postgres://me@127.0.0.1:${port}/letta`,
    busyDeadlineMs: 10_000,
  })
  const [socket] = await once(server, 'connection')
  const [packet] = await once(socket, 'data')
  const texts = (packet as Buffer).subarray(8).toString().split('\0')
  const names = texts.filter((_, index) => index % 2 === 0 && texts[index] !== '')
  socket.destroy()
  await expect(connecting).rejects.toThrow('terminated')
  server.close()
  expect(names.toSorted()).toEqual([...takenByPoolers, 'database', 'user'])
})

describePostgres('a connection to a server', () => {
  it('waits for nothing without an end, alone or of a pool', async () => {
    await using database = await borrowDatabase()
    const options = { connectionString: database.url, busyDeadlineMs: 7000 }
    const pool = createPool(options, 1)
    const client = await connect(options)
    const expected = [{ statement: '30s', lock: '7s', idle: '1min' }]
    expect((await client.query(settings)).rows).toEqual(expected)
    expect((await pool.query(settings)).rows).toEqual(expected)
    await Promise.all([client.end(), pool.end()])
  })
})
