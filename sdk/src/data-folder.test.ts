import { expect, test } from 'vitest'
import manifest from '../../package.json' with { type: 'json' }
import { defaultDataFolder } from '../../src/config/platform.ts'
import { resolveDataFolder } from './data-folder.ts'
import { version } from './version.ts'

test('the SDK looks for a server where the product keeps its data', () => {
  expect(resolveDataFolder(null)).toBe(defaultDataFolder())
})

test('the SDK has the version of the product it belongs to', () => {
  expect(version).toBe(manifest.version)
})
