import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createTemporaryFolder, type TemporaryFolder } from '../conformance/temporary-folder.ts'
import { forgetWrite, ownersOf } from '../conformance/forget-samples.ts'
import { toEntry, World } from '../conformance/world.ts'
import { toSessionLabel } from '../engine/search-rows.ts'
import { openStore } from '../open-store.ts'

const secret = 'zugzwangheron'

let folder: TemporaryFolder
let world: World

beforeEach(async () => {
  folder = await createTemporaryFolder()
  world = new World(await openStore({ location: folder.path }))
})

afterEach(async () => {
  await folder.remove()
})

/** The bytes of the file after the store was closed, which empties the log into it. */
async function closeAndRead(): Promise<Buffer> {
  await world.store.close()
  return readFileSync(join(folder.path, 'letta.db'))
}

/** The tables with a row that names `text` in some column. */
function tablesThatName(text: string): readonly string[] {
  const database = new DatabaseSync(join(folder.path, 'letta.db'))
  const tables = database
    .prepare(`SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table'`)
    .all()
    .map(({ name }) => String(name))
  const found = tables.filter((table) =>
    database
      .prepare(`SELECT * FROM "${table}"`)
      .all()
      .some((row) => JSON.stringify(row).includes(text)),
  )
  database.close()
  return found
}

describe('what was deleted', () => {
  it('with an agent is in no table and not in the bytes of the file', async () => {
    const { store, scope } = world
    const other = await world.agent()
    await world.exchange(other, 'stays')
    const agent = await world.agent({ name: secret, tags: [secret] })
    for (let count = 0; count < 20; count += 1) {
      await world.exchange(agent, `about ${secret} ${count}`, `I know ${secret}`)
    }
    const { lease, work } = await world.start(agent, secret)
    const prefix = { key: 'k', system: secret, builtAt: 1, shown: {} }
    const step = world.stepCommit(lease, work, { tools: [secret], text: secret, prefix })
    await store.commitStep(scope, step)
    await world.say(agent, `queued ${secret}`)
    const [passage] = await world.remember(agent, `passage ${secret}`)
    const found = await store.listMessages(scope, { agentId: agent.id, limit: 1, order: 'desc' })
    const vector = [1, 2, 3, 4]
    await store.putVectors(scope, {
      items: [
        { kind: 'passage', id: passage?.id ?? '', model: 'm', vector },
        { kind: 'message', id: found[0]?.id ?? '', model: 'm', vector },
      ],
    })
    const archives = await store.listArchives(scope, {
      agentId: agent.id,
      page: { limit: 1, order: 'asc' },
    })
    await store.deleteAgent(scope, { id: agent.id })
    await store.listKeys(scope)

    const bytes = await closeAndRead()
    expect(tablesThatName(agent.id)).toEqual([])
    expect(tablesThatName(agent.id.slice(-36))).toEqual([])
    expect(tablesThatName(archives[0]?.id ?? '')).toEqual([])
    expect(bytes.includes(secret)).toBe(false)
    const { buffer } = Float32Array.from(vector, (value) => value / Math.hypot(...vector))
    expect(bytes.includes(Buffer.from(buffer))).toBe(false)
    expect(tablesThatName(other.id)).toContain('messages')
  })

  it('with a passage and forgotten is not in the bytes of the file, index included', async () => {
    const agent = await world.agent()
    await world.remember(agent, 'stays here')
    const [passage] = await world.remember(agent, `only ${secret}`)
    await world.remember(agent, 'stays too')
    const itemId = passage?.id ?? ''
    await world.store.deletePassage(world.scope, { id: itemId })
    await world.store.forgetHistory(world.scope, { agentId: agent.id, itemId })
    for (const name of ['letta.db', 'letta.db-wal']) {
      expect(readFileSync(join(folder.path, name)).includes(secret)).toBe(false)
    }
    const bytes = await closeAndRead()
    expect(bytes.includes(secret)).toBe(false)
    expect(bytes.includes('stays too')).toBe(true)
  })

  it('by a forgetting leaves no hash of a session’s name', async () => {
    const { store, scope } = world
    const agent = await world.agent()
    const { message } = world.message(agent, 'heron')
    const entry = { ...toEntry(['heron']), session: secret }
    await world.say(agent, '', { messages: [{ message, entry }] })
    const hash = toSessionLabel(secret) ?? ''
    expect(tablesThatName(hash)).toEqual(['search_threads'])
    await store.applyForget(scope, forgetWrite(world, { owners: ownersOf(agent.id), mark: null }))
    await store.close()
    expect(tablesThatName(hash)).toEqual([])
  })

  it('in great number is gone from index and bytes too, and what stays is found', async () => {
    const { store, scope } = world
    const [agent, other] = [await world.agent(), await world.agent()]
    await world.exchange(other, 'heron stays')
    const texts = Array.from({ length: 300 }, (_, index) =>
      world.message(agent, `${secret} ${index}`),
    )
    await world.say(agent, '', { messages: texts })
    await store.deleteAgent(scope, { id: agent.id })
    expect(await world.found(other, 'heron', secret)).toHaveLength(1)
    await world.say(other, `another heron`)
    expect(await world.found(other, 'heron')).toHaveLength(2)
    expect((await closeAndRead()).includes(secret)).toBe(false)
    const database = new DatabaseSync(join(folder.path, 'letta.db'))
    database.exec(`INSERT INTO search_index (search_index, rank) VALUES ('integrity-check', 1)`)
    const setting = database.prepare(`SELECT v FROM search_index_config WHERE k = 'secure-delete'`)
    expect(setting.get()).toMatchObject({ v: 1 })
    database.close()
  })

  it('with a conversation leaves its agent’s other rows alone', async () => {
    const agent = await world.agent()
    const conversation = await world.conversation(agent, { summary: secret })
    await world.say(agent, secret, { conversationId: conversation.id })
    await world.store.deleteConversation(world.scope, { id: conversation.id })
    const bytes = await closeAndRead()
    expect(tablesThatName(conversation.id)).toEqual([])
    expect(bytes.includes(secret)).toBe(false)
    expect(tablesThatName(agent.id)).toContain('conversations')
  })
})
