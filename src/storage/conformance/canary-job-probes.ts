import type { JobStore } from '../contract/job-store.ts'
import type { ScheduleStore } from '../contract/schedule-store.ts'
import type { Probe } from './canary-probe.ts'
import { sampleJob, sampleSchedule } from './samples.ts'

const page = { limit: 99, order: 'asc' } as const

/** One probe for every operation on jobs and schedules. */
export const jobProbes: { readonly [Name in keyof JobStore | keyof ScheduleStore]: Probe<Name> } = {
  enqueueJob: {
    stranger: 'own',
    limited: 'any',
    input: ({ world }) => ({
      job: sampleJob({ id: world.id('job'), tenantId: world.scope.tenantId }),
    }),
  },
  getJob: { stranger: 'not_found', limited: 'any', input: ({ job }) => ({ id: job.id }) },
  listJobs: { stranger: 'nothing', limited: 'any', input: () => ({ limit: 9 }) },
  claimJobs: {
    stranger: 'system',
    input: () => ({
      owner: 'one',
      kinds: [],
      at: 5,
      leaseUntil: 9,
      limit: 9,
      perTenant: 9,
      served: [],
    }),
  },
  completeJob: {
    stranger: 'not_found',
    limited: 'any',
    input: ({ job }) => ({ id: job.id, fence: job.fence, result: {}, again: null, at: 5 }),
  },
  failJob: {
    stranger: 'not_found',
    limited: 'any',
    input: ({ job }) => ({
      id: job.id,
      fence: job.fence,
      error: 'x',
      retryAt: 9,
      giveUp: false,
      at: 5,
    }),
  },
  renewJob: {
    stranger: 'not_found',
    limited: 'any',
    input: ({ job }) => ({ id: job.id, fence: job.fence, leaseUntil: 99_999, at: 5 }),
  },
  releaseJob: {
    stranger: 'not_found',
    limited: 'any',
    input: ({ job }) => ({ id: job.id, fence: job.fence, at: 5 }),
  },
  retryJob: {
    stranger: 'not_found',
    limited: 'any',
    input: ({ deadJob }) => ({ id: deadJob.id, at: 5 }),
  },
  wakeJob: {
    stranger: 'not_found',
    limited: 'any',
    input: ({ deadJob }) => ({ id: deadJob.id, at: 5 }),
  },
  deleteJob: {
    stranger: 'not_found',
    limited: 'any',
    input: ({ deadJob }) => ({ id: deadJob.id }),
  },
  nextJobAt: { stranger: 'system', input: () => ({ kinds: [] }) },
  countJobs: { stranger: 'system', input: () => ({ exceptKinds: [], at: 5 }) },
  pruneJobs: {
    stranger: 'nothing',
    limited: 'any',
    input: () => ({ endedBefore: 3e15, limit: 9 }),
  },
  listTenants: { stranger: 'system', input: () => undefined },

  createSchedule: {
    stranger: 'not_found',
    input: ({ world, agent, conversation }) => ({
      schedule: sampleSchedule({
        id: world.id('schedule'),
        agentId: agent.id,
        conversationId: conversation.id,
      }),
      job: sampleJob({ id: world.id('job'), tenantId: world.scope.tenantId }),
    }),
  },
  getSchedule: { stranger: 'not_found', input: ({ schedule }) => ({ id: schedule.id }) },
  listSchedules: { stranger: 'nothing', input: ({ agent }) => ({ agentId: agent.id, page }) },
  updateSchedule: {
    stranger: 'not_found',
    input: ({ schedule }) => ({
      id: schedule.id,
      seen: schedule,
      set: { state: 'paused', nextAt: null },
      job: null,
      at: 5,
    }),
  },
  deleteSchedule: { stranger: 'not_found', input: ({ schedule }) => ({ id: schedule.id }) },
}
