import { describe, expect, it } from 'vitest'
import { newIdentifier } from '../domain/identifier.ts'
import { defaultScope } from '../domain/scope.ts'
import { createTestApp } from '../testing/create-test-app.ts'
import { createScriptedModel } from '../testing/scripted-model.ts'
import { sampleBlock } from '../testing/samples.ts'
import { EditQueue } from './edit-queue.ts'

describe('agents that append to one shared block at the same time', () => {
  it('lose nothing, however many there are', async () => {
    const places = Array.from({ length: 40 }, (_, place) => place)
    // Each agent appends the number its user said and ends with the words of its tool.
    const model = createScriptedModel({
      otherwise: ({ messages }) => {
        const last = messages.at(-1)
        if (last?.role === 'tool') return { text: last.returns[0]?.isError ? 'failed' : 'done' }
        const said = /<(\d+)>/.exec(JSON.stringify(last))?.[0] ?? ''
        const call = { name: 'core_memory_append', arguments: { label: 'human', content: said } }
        return { toolCalls: [call] }
      },
    })
    await using test = await createTestApp({ models: [model] })
    const block = sampleBlock({ id: newIdentifier(test.app.ids, 'block'), value: '', limit: 5000 })
    const first = await test.createAgent({}, [block])
    const others = places.slice(1).map(() => test.createAgent({ blockIds: [block.id] }, []))
    const agents = [first, ...(await Promise.all(others))]
    await Promise.all(agents.map((agent, place) => test.ask(agent, `<${place}>`)))
    const stored = await test.app.store.getBlock(defaultScope, { id: block.id })
    const appended = [...stored.value.matchAll(/<(\d+)>/g)].map(([, place]) => Number(place))
    expect(appended.toSorted((left, right) => left - right)).toEqual(places)
  })
})

describe('EditQueue', () => {
  it('runs tasks of one block in order, also after one that failed, and forgets them', async () => {
    const queue = new EditQueue()
    const order: string[] = []
    const failed = queue.run('block', async (waited) => {
      await Promise.resolve()
      order.push(`first ${waited}`)
      throw new Error('no')
    })
    const second = queue.run('block', async (waited) => order.push(`second ${waited}`))
    const other = queue.run('other', async (waited) => order.push(`other ${waited}`))
    await expect(failed).rejects.toThrow('no')
    await Promise.all([second, other])
    expect(order).toEqual(['other false', 'first false', 'second true'])
    await queue.run('block', async (waited) => order.push(`last ${waited}`))
    expect(order.at(-1)).toBe('last false')
  })
})
