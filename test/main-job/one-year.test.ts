import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, expect, it } from 'vitest'
import { createAssistantChat } from '../../src/testing/assistant-chat.ts'
import { type FakeScript, startFakeProvider } from '../../src/testing/fake-provider.ts'
import { describeEngines } from './describe-engines.ts'
import { runHere } from './run-here.ts'
import { runLetta } from './run-letta.ts'
import { sharedProgram } from './shared-program.ts'

const secret = 'By the way, the spare key lies under the blue flowerpot.'
const day = 86_400_000

/** What a person and an assistant said in a year: other things every day, the key on one day of March. */
function yearOfTalk(): string {
  const { turns } = createAssistantChat(2026, 365)
  const from = Date.UTC(2025, 10, 28, 18)
  const lines = turns.map(({ role, text }, index) => ({
    role,
    content: text,
    created_at: new Date(from + Math.floor(index / 2) * day + (index % 2) * 60_000).toISOString(),
    otid: `chat-${index}`,
  }))
  const march = { role: 'user', content: secret, created_at: '2026-03-14T19:00:00Z', otid: 'key' }
  const all = [...lines, march].toSorted((a, b) => a.created_at.localeCompare(b.created_at))
  return `${all.map((line) => JSON.stringify(line)).join('\n')}\n`
}

/** A model that answers from what its request holds, and once writes nonsense over a block. */
const model: FakeScript = ({ messages }) => {
  const last = messages.at(-1)
  if (last?.role === 'tool') return { text: 'Done.' }
  if (JSON.stringify(last?.content).includes('Tidy up.')) {
    const given = { label: 'human', new_memory: 'Likes everything.' }
    return { toolCalls: [{ name: 'memory_rethink', arguments: given }] }
  }
  const isKnown = JSON.stringify(messages).includes('under the blue flowerpot')
  return { text: isKnown ? 'It lies under the pot.' : 'I do not know.' }
}

/** Where the word stands in the bytes of the files of a folder; backups are named in receipts. */
function filesWith(folder: string, word: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => !name.startsWith('backups'))
    .flatMap((name) => {
      const path = join(folder, name)
      try {
        return readFileSync(path).includes(word) ? [name] : []
      } catch (error) {
        // Folders cannot be read, and a log may go while it is listed.
        if (error instanceof Error && 'code' in error) return []
        throw error
      }
    })
}

let program: { readonly main: string }
beforeAll(async () => {
  program = await sharedProgram()
}, 30_000)

describeEngines('a year with one agent', (createHome) => {
  it('finds the one sentence of March, knows the address of any day, takes a bad edit back, and forgets for good', async () => {
    await using home = await createHome()
    await using provider = await startFakeProvider({ script: model })
    const environment = { ...home.environment, OPENAI_BASE_URL: provider.url }
    const at = { home: home.path, main: program.main, environment }
    const run = (...given: readonly string[]) => runHere(at, ...given)

    expect(await runLetta({ ...at, input: yearOfTalk() }, 'import', '-')).toMatchObject({ code: 0 })
    const found = await run('search', 'where is the spare key', '--limit', '1')
    expect(found.stdout).toContain(secret)
    expect(found.stdout).toContain('2026-03-14')

    await run('facts', 'add', 'address', 'Lindenweg 14', '--since', '2025-12-01')
    await run('facts', 'add', 'address', 'Seestrasse 3', '--since', '2026-06-02')
    expect((await run('facts', 'show', 'address')).stdout).toContain('Seestrasse 3')
    const inApril = await run('facts', 'show', 'address', '--as-of', '2026-04-01')
    expect(inApril.stdout).toContain('Lindenweg 14')
    expect(inApril.stdout).not.toContain('Seestrasse 3')

    const asked = await runLetta(at, '-p', 'Where is our spare key?')
    expect(asked.stdout).toBe('It lies under the pot.\n')
    const why = await run('why')
    expect(why.stdout).toContain(secret)
    expect(why.stdout).toContain('2026-03-14')

    await run('-p', 'Tidy up.')
    expect((await run('memory', 'human')).stdout).toContain('Likes everything.')
    const [change = ''] = /m-\d+/.exec((await run('memory', 'log', 'human')).stdout) ?? []
    await run('memory', 'undo', change)
    expect((await run('memory', 'human')).stdout).not.toContain('Likes everything.')

    const preview = await run('forget', '--query', 'blue flowerpot', '--preview')
    expect(preview.stdout).toContain('flowerpot')
    // What PostgreSQL keeps lies in another folder.
    expect(filesWith(home.path, 'flowerpot').length > 0).toBe(home.engine === 'sqlite')
    const forgotten = await run('forget', '--query', 'blue flowerpot', '--yes')
    expect(forgotten).toMatchObject({ code: 0 })
    const gone = await run('search', 'blue flowerpot', '--json')
    expect(gone.stdout).not.toContain('flowerpot')
    expect((await runLetta(at, '-p', 'Where is our spare key?')).stdout).toBe('I do not know.\n')
    expect(filesWith(home.path, 'flowerpot')).toEqual([])
    expect((await run('forget', 'list')).stdout).not.toBe('')
  }, 60_000)
})
