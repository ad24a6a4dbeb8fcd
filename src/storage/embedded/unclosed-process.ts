import { writeSync } from 'node:fs'
import { World } from '../conformance/world.ts'
import { openStore } from '../open-store.ts'

// A program for tests: begins one write, watches, and then has nothing more to do; it never closes its store.
const [location = '', host = 'inline'] = process.argv.slice(2)
const store = await openStore({ location, host: host === 'worker' ? 'worker' : 'inline' })
const world = new World(store)
store.watch(() => undefined)
void world.block().then(({ id }) => writeSync(1, JSON.stringify({ scope: world.scope, id })))
