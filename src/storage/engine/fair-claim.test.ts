import { expect, it } from 'vitest'
import { shareFairly, type LaneLoad } from './fair-claim.ts'

function load(tenantId: string, lane: string, given: Partial<LaneLoad> = {}): LaneLoad {
  return { tenantId, lane, running: 0, due: 1000, ...given }
}

const request = { limit: 4, perTenant: 99, served: [] }

it.each<[string, readonly LaneLoad[], Partial<typeof request> & object, Record<string, number>]>([
  ['all of one lane when nobody else waits', [load('A', 'x')], {}, { 'A x': 4 }],
  ['no more than are due', [load('A', 'x', { due: 2 })], {}, { 'A x': 2 }],
  ['lanes by turns', [load('A', 'x'), load('A', 'y')], {}, { 'A x': 2, 'A y': 2 }],
  [
    'tenants by turns, however many lanes they have',
    [load('A', 'x'), load('A', 'y'), load('A', 'z'), load('B', 'x')],
    {},
    { 'A x': 1, 'A y': 1, 'B x': 2 },
  ],
  [
    'a tenant that runs nothing before one that does',
    [load('A', 'x', { running: 4 }), load('B', 'x')],
    {},
    { 'B x': 4 },
  ],
  [
    'nothing beyond the limit of a tenant',
    [load('A', 'x', { running: 1 }), load('A', 'y')],
    { perTenant: 2 },
    { 'A y': 1 },
  ],
  ['nothing of lanes that only run', [load('A', 'x', { due: 0, running: 1 })], {}, {}],
])('shareFairly() takes %s', (_name, lanes, given, expected) => {
  const shares = shareFairly(lanes, { ...request, ...given })
  expect(Object.fromEntries(shares.map((s) => [`${s.tenantId} ${s.lane}`, s.count]))).toEqual(
    expected,
  )
})

it('shareFairly() serves every lane of every tenant when it takes one job at a time', () => {
  const lanes = [load('A', 'x'), load('A', 'y'), load('A', 'z'), load('B', 'x')]
  const order: string[] = []
  let served: { tenantId: string; lane: string }[] = []
  for (let round = 0; round < 6; round += 1) {
    const [share] = shareFairly(lanes, { limit: 1, perTenant: 9, served })
    if (share === undefined) break
    order.push(`${share.tenantId} ${share.lane}`)
    served = [...served.filter(({ tenantId }) => tenantId !== share.tenantId), share]
  }
  expect(order).toEqual(['A x', 'B x', 'A y', 'B x', 'A z', 'B x'])
})
