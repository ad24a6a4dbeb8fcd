import { writeSync } from 'node:fs'
import { World } from '../conformance/world.ts'
import { openStore } from '../open-store.ts'

// A program for tests: stores blocks as fast as it can until its input ends, and names each one that was acknowledged.
const [location = '', host = 'inline'] = process.argv.slice(2)
const store = await openStore({ location, host: host === 'worker' ? 'worker' : 'inline' })
const world = new World(store)
writeSync(1, `${JSON.stringify(world.scope)}\n`)
const over = new AbortController()
process.stdin.on('data', () => undefined).on('end', () => over.abort())
while (!over.signal.aborted) {
  const { id } = await world.block()
  writeSync(1, `${id}\n`)
}
