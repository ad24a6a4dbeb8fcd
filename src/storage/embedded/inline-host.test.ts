import { openMemoryStore } from '../../testing/open-memory-store.ts'
import { describeStore } from '../conformance/describe-store.ts'
import { openStore } from '../open-store.ts'
import { createTemporaryFolder } from '../conformance/temporary-folder.ts'

describeStore('the embedded engine in memory', async () => ({
  store: await openMemoryStore(),
}))

// All operations are tried on this host in memory, and in a file by the other host: here, what a file changes for a host.
describeStore(
  'the embedded engine on the calling thread',
  async () => {
    const folder = await createTemporaryFolder()
    const store = await openStore({ location: folder.path, host: 'inline' })
    return { store, cleanUp: folder.remove }
  },
  { groups: ['inputs and leases', 'commits', 'forgetting', 'search', 'the store as a whole'] },
)
