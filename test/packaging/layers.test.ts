import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { layers, layerViolation } from '../../scripts/lint/layers.ts'

const root = join('/', 'repository')
const violation = (file: string, specifier: string) =>
  layerViolation({ root, file: join(root, file), specifier })

describe('layerViolation()', () => {
  test('lets a layer import itself and every layer below, and none above', () => {
    const inner = layers.filter((name) => name !== 'cli' && name !== 'tui')
    for (const [rank, from] of inner.entries()) {
      for (const [otherRank, to] of inner.entries()) {
        const found = violation(`src/${from}/a.ts`, `../${to}/b.ts`)
        expect(found === undefined, `${from} imports ${to}`).toBe(otherRank <= rank)
      }
    }
  })

  test('looks at the path, not at the words in it', () => {
    expect(violation('src/llm/providers/a.ts', '../memory/b.ts')).toBeUndefined()
    expect(violation('src/llm/providers/a.ts', '../../memory/b.ts')).toMatch('higher layer')
  })

  test('lets cli/ and tui/ reach the product only through sdk/', () => {
    expect(violation('src/cli/commands/a.ts', '../../../sdk/src/index.ts')).toBeUndefined()
    expect(violation('src/cli/a.ts', '../config/settings.ts')).toBeUndefined()
    expect(violation('src/tui/a.ts', '../cli/b.ts')).toBeUndefined()
    expect(violation('src/cli/a.ts', '../storage/store.ts')).toMatch('only through sdk/')
    expect(violation('src/server/a.ts', '../../sdk/src/index.ts')).toMatch('Cannot import sdk/')
  })

  test('lets main.ts and index.ts put everything together, and nobody import them', () => {
    expect(violation('src/main.ts', './app/app.ts')).toBeUndefined()
    expect(violation('src/index.ts', './server/a.ts')).toBeUndefined()
    expect(violation('src/cli/a.ts', '../main.ts')).toMatch('composition root')
    expect(violation('src/stray.ts', './app/app.ts')).toMatch('Cannot keep stray.ts')
  })

  test('keeps the SDK apart from the product', () => {
    expect(violation('sdk/src/a.ts', '../../src/index.ts')).toMatch('Cannot import from src/')
    expect(violation('sdk/src/a.ts', './b.ts')).toBeUndefined()
  })

  test('says nothing about tests, packages and the manifest', () => {
    expect(violation('src/util/a.test.ts', '../app/app.ts')).toBeUndefined()
    expect(violation('src/util/a.ts', 'node:fs')).toBeUndefined()
    expect(violation('src/config/version.ts', '../../package.json')).toBeUndefined()
    expect(violation('src/config/a.ts', '../../scripts/docs.ts')).toMatch('only from src/')
    expect(violation('src/new/a.ts', '../util/b.ts')).toMatch('not in the list of layers')
  })
})
