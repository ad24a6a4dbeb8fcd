import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { defaultScope } from '../../domain/scope.ts'
import { createTemporaryFolder } from '../../storage/conformance/temporary-folder.ts'
import { openStore } from '../../storage/open-store.ts'
import { createLogger } from '../../telemetry/logger.ts'
import { createTestApp } from '../../testing/create-test-app.ts'
import type { ForgetRequest } from './forget-targets.ts'

it.each([
  ['with a soft hyphen', 'Zugheron', 'Zug\u{AD}heron'],
  ['with a blank without a width', 'Zugheron', 'zug\u{200B}heron'],
  ['with ß', 'HERONSTRASSE', 'Heronstraße'],
  ['in full width', 'Zugheron', 'ｚｕｇｈｅｒｏｎ'],
  ['by a lone emoji', '🦊', '🦊'],
  ['by stop words only', 'to be or not to be', 'To be, or not to be'.replace(',', '')],
])('words written %s are forgotten in every row and byte', async (_how, query, stored) => {
  const folder = await createTemporaryFolder()
  const test = await createTestApp({
    store: await openStore({ location: folder.path }),
    logger: createLogger({ level: 'info', to: { home: folder.path } }),
    script: [{ text: `So it is ${stored}.` }, { text: 'Fine.' }],
  })
  try {
    const agent = await test.createAgent()
    await test.ask(agent, `I say ${stored} every day.`)
    await test.ask(agent, 'Something else.')
    await test.app.services.archives.addPassages(defaultScope, { agentId: agent.id }, [
      { text: `Noted ${stored}!`, tags: [], metadata: {}, createdAt: 1 },
    ])
    test.app.logger.error({ said: stored }, 'Cannot do it')
    const request: ForgetRequest = { ids: [], query, cutOnly: false, agentId: agent.id }
    const { forget } = test.app.services
    const { token } = await forget.preview(defaultScope, request)
    const receipt = await forget.confirm(defaultScope, request, token)
    expect(receipt.residue).toMatchObject({ rowsFound: 0, filesFound: 0 })
    const files = readdirSync(folder.path, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8'))
    expect(files.filter((text) => text.includes(stored))).toEqual([])
    expect(files.filter((text) => text.includes('Something else.'))).not.toEqual([])
  } finally {
    await test.app.close()
    await folder.remove()
  }
})
