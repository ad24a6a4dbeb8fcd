import { registerHooks } from 'node:module'
import { afterAll } from 'vitest'
import { resolveSources } from './resolve-sources.mjs'

// The runner has put a hook of its own before ours, which tells its main process of every import: only watching needs that.
if (process.env['VITEST_MODE'] !== 'WATCH') {
  const hooks = registerHooks(resolveSources)
  afterAll(() => hooks.deregister())
}
