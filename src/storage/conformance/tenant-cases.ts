import { expect } from 'vitest'
import { systemScope, type SystemScope, type TenantScope } from '../../domain/scope.ts'
import { operationKinds } from '../operation-kinds.ts'
import type { Store, StoreOperation } from '../store.ts'
import { createCanary, dump, type Canary } from './canary.ts'
import { CanarySupply } from './canary-supply.ts'
import type { Outsider, Probe } from './canary-probe.ts'
import { probes } from './canary-probes.ts'
import { expectRefused, type ConformanceCase } from './conformance-case.ts'
import { World } from './world.ts'

const names = Object.keys(probes) as StoreOperation[]

/** For every operation: it works for its owner, and nobody else reads or changes anything of the owner's with it. */
export function createTenantCases(): readonly ConformanceCase[] {
  const shared = new WeakMap<Store, Promise<SharedCanary>>()
  const shareOn = (world: World): Promise<SharedCanary> => {
    const present = shared.get(world.store) ?? createShared(world)
    shared.set(world.store, present)
    return present
  }
  const supplies = new WeakMap<Store, CanarySupply>()
  const suppliedFor = ({ store }: World): CanarySupply => {
    const present = supplies.get(store) ?? new CanarySupply(store)
    supplies.set(store, present)
    return present
  }
  return [
    {
      name: 'every operation of the store has a probe',
      async run({ store }) {
        const lifecycle = new Set(['description', 'watch', 'ownerState', 'purge', 'close'])
        const offered = Object.keys(store).filter((name) => !lifecycle.has(name))
        expect(names.toSorted()).toEqual(offered.toSorted())
      },
    },
    ...names.map((name) => ({
      name: `${name}() serves its owner and nobody else`,
      needsVectors: name.includes('Vector'),
      run: async (world: World) => {
        await tryOutsiders(await shareOn(world), name)
        if (isWrite(name)) await suppliedFor(world).attempt((canary) => tryOwner(canary, name))
        else await tryOwner((await shareOn(world)).canary, name)
      },
    })),
    {
      name: 'nobody’s reading has changed anything of the owner’s',
      run: async (world: World) => {
        const { canary, before } = await shareOn(world)
        expect(await dump(canary)).toBe(before)
      },
    },
  ]
}

/** A canary that is only looked at, for all attempts that must leave it alone. */
interface SharedCanary {
  readonly canary: Canary
  readonly before: string
  /** A caller of the same tenant that sees another agent only. */
  readonly limited: TenantScope
}

async function createShared(world: World): Promise<SharedCanary> {
  const tenant = new World(world.store)
  const canary = await createCanary(tenant)
  const other = await tenant.agent()
  const limited = { ...tenant.limitedTo(other.id), userId: tenant.id('user') }
  return { canary, before: await dump(canary), limited }
}

/** Calls an operation as the owner of a canary, or as the system where it crosses tenants. */
export async function callAsOwner(canary: Canary, name: StoreOperation): Promise<unknown> {
  const probe: Probe<StoreOperation> = probes[name]
  return await callProbe(
    canary,
    name,
    probe.stranger === 'system' ? systemScope : canary.world.scope,
  )
}

/** Calls an operation with the input of its probe. */
export async function callProbe(
  canary: Canary,
  name: StoreOperation,
  scope: TenantScope | SystemScope,
): Promise<unknown> {
  // Name and input belong together by the type of the table, which indexing loses.
  const operation = canary.world.store[name] as (scope: unknown, input: unknown) => Promise<unknown>
  return await operation(scope, probes[name].input(canary))
}

async function tryOutsiders(shared: SharedCanary, name: StoreOperation): Promise<void> {
  const { canary, before, limited: limitedScope } = shared
  const { stranger, limited }: Probe<StoreOperation> = probes[name]
  if (stranger === 'system') return
  const { scope } = new World(canary.world.store)
  await tryOutside(canary, name, { scope, expected: stranger })
  if (limited !== 'any') {
    await tryOutside(canary, name, { scope: limitedScope, expected: limited ?? stranger })
  }
  // What only reads is looked at after all of it, as every look reads all there is.
  if (operationKinds[name] === 'write') expect(await dump(canary)).toBe(before)
}

async function tryOwner(canary: Canary, name: StoreOperation): Promise<void> {
  const probe: Probe<StoreOperation> = probes[name]
  if (probe.stranger === 'system') {
    await callProbe(canary, name, systemScope)
    return
  }
  const before = isWrite(name) ? await dump(canary) : ''
  const result = await callProbe(canary, name, canary.world.scope)
  if (probe.stranger === 'nothing') expect(isNothing(result)).toBe(false)
  if (isWrite(name) && probe.unseen !== true) expect(await dump(canary)).not.toBe(before)
}

async function tryOutside(
  canary: Canary,
  name: StoreOperation,
  outside: { readonly scope: TenantScope; readonly expected: Outsider },
): Promise<void> {
  const call = callProbe(canary, name, outside.scope)
  if (outside.expected === 'not_found' || outside.expected === 'lease_lost') {
    await expectRefused(call, outside.expected)
    return
  }
  const result = await call
  if (outside.expected === 'nothing') expect(isNothing(result)).toBe(true)
}

function isNothing(result: unknown): boolean {
  if (result === null || result === undefined || result === 0) return true
  if (typeof result !== 'object') return false
  return Object.keys(result).length === 0 || JSON.stringify(result) === '{"state":"idle"}'
}

/** Operations whose name does not say that they only read are expected to change something for their owner. */
function isWrite(name: StoreOperation): boolean {
  return !/^(get|list|count|find|read|search)/.test(name)
}
