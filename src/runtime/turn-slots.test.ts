import { expect, it } from 'vitest'
import { TurnSlots, type TurnTaker, type Urgency } from './turn-slots.ts'

/** A process with so many places, and who has begun in it so far. */
function openSlots(count: number) {
  const slots = new TurnSlots(count)
  const begun: string[] = []
  const takers = new Map<string, TurnTaker>()
  function come(name: string, urgency: Urgency): void {
    const taker = { urgency }
    takers.set(name, taker)
    void slots.enter(taker).then(() => begun.push(name))
  }
  const taker = (name: string): TurnTaker => takers.get(name) ?? { urgency: 'asked' }
  return { slots, begun, come, taker }
}

/** Lets those begin that may. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

it('gives offered turns a quarter of the places, and the others at once to whoever asks', async () => {
  const { slots, begun, come, taker } = openSlots(4)
  for (const name of ['o1', 'o2']) come(name, 'offered')
  await settled()
  expect(begun).toEqual(['o1'])
  expect(slots.roomForOffered).toBe(0)
  for (const name of ['a1', 'a2', 'a3', 'a4']) come(name, 'asked')
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
  come('o1', 'offered')
  come('o2', 'offered')
  come('a1', 'asked')
  await settled()
  slots.leave(taker('o1'))
  await settled()
  expect(begun).toEqual(['o1', 'a1'])
})

it('brings an offered turn forward as soon as somebody asks for it', async () => {
  const { slots, begun, come, taker } = openSlots(2)
  for (const name of ['o1', 'o2', 'o3']) come(name, 'offered')
  await settled()
  expect(begun).toEqual(['o1'])
  slots.raise(taker('o3'), 'asked')
  await settled()
  expect(begun).toEqual(['o1', 'o3'])
  come('a1', 'asked')
  slots.raise(taker('o1'), 'asked')
  slots.leave(taker('o3'))
  await settled()
  expect(begun).toEqual(['o1', 'o3', 'a1'])
})

it('gives each eighth place to an offered turn, however many ask', async () => {
  const { slots, begun, come, taker } = openSlots(1)
  const asked = Array.from({ length: 20 }, (_, index) => `a${index}`)
  for (const name of asked) come(name, 'asked')
  for (const name of ['o1', 'o2', 'o3']) come(name, 'offered')
  for (let given = 1; given < 20; given += 1) {
    await settled()
    slots.leave(taker(begun.at(-1) ?? ''))
  }
  await settled()
  expect(begun.indexOf('o1')).toBe(8)
  expect(begun.indexOf('o2')).toBe(16)
  expect(begun.filter((name) => name.startsWith('a'))).toEqual(asked.slice(0, 18))
})

it('leaves a quarter of the places to whoever asks, and lets them go before what is planned', async () => {
  const { slots, begun, come, taker } = openSlots(4)
  for (let index = 1; index <= 1000; index += 1) come(`p${index}`, 'planned')
  come('o1', 'offered')
  await settled()
  expect(begun).toEqual(['p1', 'p2', 'p3'])
  expect(slots.tryEnter({ urgency: 'planned' })).toBe(false)
  for (const name of ['a1', 'a2']) come(name, 'asked')
  await settled()
  expect(begun.slice(3)).toEqual(['a1'])
  slots.leave(taker('p1'))
  await settled()
  expect(begun.slice(4)).toEqual(['a2'])
  slots.leave(taker('a1'))
  slots.leave(taker('p2'))
  await settled()
  expect(begun.slice(5)).toEqual(['p4', 'p5'])
})

it('makes nothing less urgent than it is', async () => {
  const { slots, begun, come, taker } = openSlots(1)
  for (const name of ['a1', 'p1', 'a2']) come(name, name.startsWith('a') ? 'asked' : 'planned')
  slots.raise(taker('a2'), 'planned')
  slots.raise(taker('p1'), 'offered')
  await settled()
  slots.leave(taker('a1'))
  await settled()
  expect(begun).toEqual(['a1', 'a2'])
  expect(taker('p1').urgency).toBe('planned')
})

it('refuses a place that is not free to a turn that would not wait', () => {
  const slots = new TurnSlots(1)
  const [one, other]: TurnTaker[] = [{ urgency: 'asked' }, { urgency: 'asked' }]
  expect(one !== undefined && slots.tryEnter(one)).toBe(true)
  expect(other !== undefined && slots.tryEnter(other)).toBe(false)
})
