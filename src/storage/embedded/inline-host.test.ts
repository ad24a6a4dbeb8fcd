import { openMemoryStore } from '../../testing/open-memory-store.ts'
import { describeStore } from '../conformance/describe-store.ts'
import { openStore } from '../open-store.ts'
import { createTemporaryFolder } from '../conformance/temporary-folder.ts'

describeStore('the embedded engine in memory', async () => ({
  store: await openMemoryStore(),
}))

describeStore('the embedded engine on the calling thread', async () => {
  const folder = await createTemporaryFolder()
  const store = await openStore({ location: folder.path, host: 'inline' })
  return { store, cleanUp: folder.remove }
})
