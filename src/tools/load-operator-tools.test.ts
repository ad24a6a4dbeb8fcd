import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { loadOperatorTools } from './load-operator-tools.ts'

function moduleOf(source: string): string {
  const path = join(mkdtempSync(join(tmpdir(), 'letta-tools-')), 'tools.mjs')
  writeFileSync(path, source)
  return path
}

const item = (name: string): string =>
  `{ name: '${name}', description: 'x', parameters: { type: 'object' }, replay: 'once', run: () => 'ok' }`

describe('loadOperatorTools()', () => {
  test.each(['export const tools =', 'export default'])(
    'reads the list after "%s"',
    async (start) => {
      const [tool] = await loadOperatorTools(moduleOf(`${start} [${item('one')}]`))
      expect(tool).toMatchObject({
        name: 'one',
        toolType: 'custom',
        kind: 'action',
        replay: 'once',
      })
    },
  )

  test.each([
    ['export const other = 1', 'it exports no list of tools'],
    ['export const tools = []', 'its list of tools is empty'],
    ['export const tools = [', 'Correct the module'],
    ['export const tools = [7]', 'Cannot define the tool without a name'],
    [
      `export const tools = [${item('send_message')}]`,
      'send_message is the name of a built-in tool',
    ],
    [`export const tools = [${item('a')}, ${item('a')}]`, 'a is the name of another tool'],
    [`throw new Error('no credentials')`, 'no credentials'],
  ])('refuses %j with a sentence that names the file', async (source, part) => {
    const path = moduleOf(source)
    const loading = loadOperatorTools(path)
    await expect(loading).rejects.toMatchObject({ code: 'configuration_invalid' })
    await expect(loading).rejects.toThrow(`Cannot load tools from ${path}: `)
    await expect(loading).rejects.toThrow(part)
  })

  test('refuses a file that is not there', async () => {
    await expect(loadOperatorTools('/nowhere/tools.mjs')).rejects.toThrow('there is no such file')
  })
})
