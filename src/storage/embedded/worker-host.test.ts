import { describeStore } from '../conformance/describe-store.ts'
import { openStore } from '../open-store.ts'
import { createTemporaryFolder } from '../conformance/temporary-folder.ts'

describeStore('the embedded engine on its own threads', async () => {
  const folder = await createTemporaryFolder()
  const store = await openStore({ location: folder.path, host: 'worker' })
  return { store, cleanUp: folder.remove }
})
