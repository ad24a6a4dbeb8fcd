import { expect, it } from 'vitest'
import { TurnSlots, type TurnTaker } from './turn-slots.ts'

/** A process with so many places, and who has begun in it so far. */
function openSlots(count: number) {
  const slots = new TurnSlots(count)
  const begun: string[] = []
  const takers = new Map<string, { isOffered: boolean }>()
  function come(name: string, isOffered: boolean): void {
    const taker = { isOffered }
    takers.set(name, taker)
    void slots.enter(taker).then(() => begun.push(name))
  }
  const taker = (name: string): { isOffered: boolean } => takers.get(name) ?? { isOffered: false }
  return { slots, begun, come, taker }
}

/** Lets those begin that may. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

it('gives offered turns a quarter of the places, and the others at once to whoever asks', async () => {
  const { slots, begun, come, taker } = openSlots(4)
  for (const name of ['o1', 'o2']) come(name, true)
  await settled()
  expect(begun).toEqual(['o1'])
  expect(slots.roomForOffered).toBe(0)
  for (const name of ['a1', 'a2', 'a3', 'a4']) come(name, false)
  await settled()
  expect(begun).toEqual(['o1', 'a1', 'a2', 'a3'])
  slots.leave(taker('o1'))
  await settled()
  expect(begun.slice(4)).toEqual(['a4'])
  slots.leave(taker('a1'))
  await settled()
  expect(begun.slice(5)).toEqual(['o2'])
})

it('lets a single place be taken by an offered turn, too', async () => {
  const { slots, begun, come, taker } = openSlots(1)
  expect(slots.roomForOffered).toBe(1)
  come('o1', true)
  come('o2', true)
  come('a1', false)
  await settled()
  slots.leave(taker('o1'))
  await settled()
  expect(begun).toEqual(['o1', 'a1'])
})

it('brings an offered turn forward as soon as somebody asks for it', async () => {
  const { slots, begun, come, taker } = openSlots(2)
  for (const name of ['o1', 'o2', 'o3']) come(name, true)
  await settled()
  expect(begun).toEqual(['o1'])
  slots.ask(taker('o3'))
  await settled()
  expect(begun).toEqual(['o1', 'o3'])
  come('a1', false)
  slots.ask(taker('o1'))
  slots.leave(taker('o3'))
  await settled()
  expect(begun).toEqual(['o1', 'o3', 'a1'])
})

it('gives each eighth place to an offered turn, however many ask', async () => {
  const { slots, begun, come, taker } = openSlots(1)
  const asked = Array.from({ length: 20 }, (_, index) => `a${index}`)
  for (const name of asked) come(name, false)
  for (const name of ['o1', 'o2', 'o3']) come(name, true)
  for (let given = 1; given < 20; given += 1) {
    await settled()
    slots.leave(taker(begun.at(-1) ?? ''))
  }
  await settled()
  expect(begun.indexOf('o1')).toBe(8)
  expect(begun.indexOf('o2')).toBe(16)
  expect(begun.filter((name) => name.startsWith('a'))).toEqual(asked.slice(0, 18))
})

it('refuses a place that is not free to a turn that would not wait', () => {
  const slots = new TurnSlots(1)
  const [one, other]: TurnTaker[] = [{ isOffered: false }, { isOffered: false }]
  expect(one !== undefined && slots.tryEnter(one)).toBe(true)
  expect(other !== undefined && slots.tryEnter(other)).toBe(false)
})
