import type { JobClaimRequest, JobLane } from '../contract/job-store.ts'

/** A lane with jobs, as the queue sees it. */
export interface LaneLoad extends JobLane {
  /** How many of its jobs run now. */
  readonly running: number
  /** How many of its jobs are due. */
  readonly due: number
}

/** How many jobs to take from a lane. */
export interface LaneShare extends JobLane {
  readonly count: number
}

/** The most lanes that one claim looks at. */
export const claimedLanes = 1000

/**
 * How many jobs of each lane come next: one after the other, each of the tenant with the fewest running jobs and there
 * of the lane with the fewest, else of the one that was served longest ago.
 */
export function shareFairly(
  lanes: readonly LaneLoad[],
  { limit, perTenant, served }: Pick<JobClaimRequest, 'limit' | 'perTenant' | 'served'>,
): readonly LaneShare[] {
  const tenants = groupByTenant(lanes, served)
  for (let taken = 0; taken < limit; taken += 1) {
    const tenant = leastBusy(tenants.filter((each) => each.running < perTenant && hasDue(each)))
    if (tenant === undefined) break
    const lane = leastBusy(tenant.lanes.filter(({ due }) => due > 0))
    if (lane === undefined) break
    tenant.running += 1
    lane.running += 1
    lane.due -= 1
    lane.count += 1
  }
  return tenants
    .flatMap((tenant) => tenant.lanes)
    .filter(({ count }) => count > 0)
    .map(({ tenantId, lane, count }) => ({ tenantId, lane, count }))
}

interface Tenant {
  running: number
  readonly lanes: Lane[]
}

interface Lane {
  readonly tenantId: string
  readonly lane: string
  running: number
  due: number
  count: number
}

/** The tenants in the order of their last service, each with its lanes beginning after the one served last. */
function groupByTenant(lanes: readonly LaneLoad[], served: readonly JobLane[]): Tenant[] {
  const places = new Map(served.map(({ tenantId }, place) => [tenantId, place]))
  const last = new Map(served.map(({ tenantId, lane }) => [tenantId, lane]))
  const groups = new Map<string, LaneLoad[]>()
  for (const lane of lanes) {
    const own = groups.get(lane.tenantId)
    if (own === undefined) groups.set(lane.tenantId, [lane])
    else own.push(lane)
  }
  return [...groups]
    .toSorted(
      ([one], [two]) => (places.get(one) ?? -1) - (places.get(two) ?? -1) || (one < two ? -1 : 1),
    )
    .map(([tenantId, own]) => ({
      running: own.reduce((sum, { running }) => sum + running, 0),
      lanes: rotate(own, last.get(tenantId)).map((lane) => ({ ...lane, count: 0 })),
    }))
}

function rotate(lanes: readonly LaneLoad[], last: string | undefined): readonly LaneLoad[] {
  const ordered = lanes.toSorted((one, two) => (one.lane < two.lane ? -1 : 1))
  if (last === undefined) return ordered
  const isLater = ({ lane }: LaneLoad): boolean => lane > last
  return [...ordered.filter(isLater), ...ordered.filter((lane) => !isLater(lane))]
}

function hasDue(tenant: Tenant): boolean {
  return tenant.lanes.some(({ due }) => due > 0)
}

/** The first of those with the fewest running jobs. */
function leastBusy<Each extends { readonly running: number }>(
  candidates: readonly Each[],
): Each | undefined {
  let best: Each | undefined
  for (const each of candidates) if (best === undefined || each.running < best.running) best = each
  return best
}
