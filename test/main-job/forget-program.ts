// Plants words in a data folder, forgets them, and ends itself by SIGKILL at the place that its second argument names.
import { flushCompileCache } from 'node:module'
import { defaultScope } from '../../src/domain/scope.ts'
import { openStore } from '../../src/storage/open-store.ts'
import { createTestApp } from '../../src/testing/create-test-app.ts'
import { canaryScript, plantCanaries } from '../../src/testing/forget-canaries.ts'

const [location = '', place = '', word = ''] = process.argv.slice(2)
const state = { isForgetting: false }

function end(): never {
  // What Node has compiled is kept at the end of a process only, which this one does not come to.
  flushCompileCache()
  process.kill(process.pid, 'SIGKILL')
  throw new Error('The process goes on after it was killed')
}

const store = await openStore({
  location,
  hooks: {
    beforeCommit: () => {
      if (state.isForgetting && place === 'before-commit') end()
    },
  },
})
const test = await createTestApp({
  store: place === 'after-commit' ? { ...store, purge: () => Promise.resolve(end()) } : store,
  script: canaryScript(word),
})
const { agent } = await plantCanaries(test, word)
const request = { ids: [], query: word, cutOnly: false, agentId: agent.id }
const { token } = await test.app.services.forget.preview(defaultScope, request)
state.isForgetting = true
await test.app.services.forget.confirm(defaultScope, request, token)
