import { mkdirSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { addVector, createCanary } from '../src/storage/conformance/canary.ts'
import { readTenant, type TableRows } from '../src/storage/conformance/tenant-rows.ts'
import { World } from '../src/storage/conformance/world.ts'
import { openPort } from '../src/storage/copy/open-port.ts'
import { openStore } from '../src/storage/open-store.ts'

// Writes the rows of a tenant, as the program stores them now, for the tests of later migrations. To be run once by
// whoever adds a migration, with everything that belongs to it; a file of an earlier version is never written again.
const home = await mkdtemp(join(tmpdir(), 'letta-ts-fixture-'))
try {
  const store = await openStore({ location: home })
  const canary = await createCanary(new World(store))
  await addVector(canary)
  await store.close()
  const { scope } = canary.world
  const port = await openPort({ location: home, isTarget: false })
  const tables = await readTenant(port, scope.tenantId)
  await port.close()
  const version = store.description.schemaVersion
  const folder = fileURLToPath(new URL('../test/fixtures/migrations/', import.meta.url))
  mkdirSync(folder, { recursive: true })
  const file = join(folder, `version-${version}.json`)
  writeFileSync(file, toText({ version, scope }, tables), { flag: 'wx' })
  process.stdout.write(`${file} holds a tenant of version ${version}.\n`)
} finally {
  await rm(home, { recursive: true, force: true })
}

/** JSON with a line for each row. */
function toText(facts: object, tables: readonly TableRows[]): string {
  const list = tables.map(({ table, rows }) => {
    const lines = rows.map((row) => `\n${JSON.stringify(row)}`)
    return `{"table":${JSON.stringify(table)},"rows":[${lines.join()}]}`
  })
  return `${JSON.stringify(facts).slice(0, -1)},"tables":[\n${list.join(',\n')}\n]}\n`
}
