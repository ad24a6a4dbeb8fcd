import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { createTemporaryFolder } from '../conformance/temporary-folder.ts'
import { cleanLog, holdsAny, toNeedles } from './search-files.ts'

it.each([
  ['as it is', 'Locker code XY', 'Locker code XY'],
  ['with other capitals', 'locker CODE xy', 'Locker Code XY'],
  ['with other capitals beyond ASCII', 'Ärger im Büro', 'ÄRGER IM BÜRO'],
  ['with SS for ß', 'Straße', 'in der STRASSE'],
  ['with accents as signs of their own', 'Zoé', 'Zoe\u{301}'],
  ['in JSON within JSON', 'say "XY"', JSON.stringify(JSON.stringify('he did Say "xy"'))],
])('finds a text in a file and takes its lines out of a log, %s', async (_how, wanted, stored) => {
  const folder = await createTemporaryFolder()
  try {
    const file = join(folder.path, 'server.log')
    writeFileSync(file, `first\nbefore ${stored} after\nÄ last\n`)
    const needles = toNeedles([wanted])
    expect(holdsAny(file, needles)).toBe(true)
    expect(cleanLog(file, needles)).toBe(1)
    expect(readFileSync(file, 'utf8')).toBe('first\nÄ last\n')
    expect(holdsAny(file, needles)).toBe(false)
  } finally {
    await folder.remove()
  }
})

it('takes lines out of a log that write a text with signs that nobody sees', async () => {
  const folder = await createTemporaryFolder()
  try {
    const file = join(folder.path, 'server.log')
    writeFileSync(file, 'first\nin der ＳＴＲＡ\u{AD}ẞＥ\nlast\n')
    expect(cleanLog(file, toNeedles(['Straße']))).toBe(1)
    expect(readFileSync(file, 'utf8')).toBe('first\nlast\n')
  } finally {
    await folder.remove()
  }
})
