import { systemScope } from '../../domain/scope.ts'
import { describeStore } from '../conformance/describe-store.ts'
import { openStore } from '../open-store.ts'
import { createTemporaryFolder } from '../conformance/temporary-folder.ts'

describeStore('the embedded engine on its own threads', async () => {
  const folder = await createTemporaryFolder()
  const store = await openStore({ location: folder.path, host: 'worker' })
  // Reads that have to wait start the second thread, which then takes its part of what follows.
  await Promise.all(Array.from({ length: 40 }, () => store.countActiveKeys(systemScope)))
  return { store, cleanUp: folder.remove }
})
