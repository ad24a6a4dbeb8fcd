import { writeSync } from 'node:fs'
import { copyDatabase } from './copy-database.ts'

// A program for tests: copies a database row by row, and names each table that has arrived.
const [from = '', to = ''] = process.argv.slice(2)
await copyDatabase({
  from,
  to,
  batchSize: 1,
  onTable: ({ table }) => writeSync(1, `${table}\n`),
})
