import { defaultConversationId } from '../../domain/identifier.ts'
import type { ApprovalStore } from '../contract/approval-store.ts'
import type { CompactionStore } from '../contract/compaction-store.ts'
import type { TurnStore } from '../contract/turn-store.ts'
import type { WaitingStore } from '../contract/waiting-store.ts'
import { answerOf, cancelOf } from './asked-turn.ts'
import type { Probe } from './canary-probe.ts'

/** How the operations on turns are tried. */
export const turnProbes: {
  readonly [Name in keyof (TurnStore & CompactionStore & WaitingStore & ApprovalStore)]: Probe<Name>
} = {
  acceptInput: { stranger: 'not_found', input: ({ world, agent }) => world.input(agent, 'more') },
  claimLease: {
    stranger: 'not_found',
    input: ({ lease }) => ({ ...lease, at: 1e15, until: 2e15 }),
  },
  claimWork: {
    stranger: 'nothing',
    limited: 'not_found',
    input: ({ waiting }) => ({
      conversationId: defaultConversationId(waiting.id),
      owner: 'one',
      at: 5,
      until: 9,
      known: null,
    }),
  },
  renewLease: {
    stranger: 'lease_lost',
    limited: 'any',
    input: ({ lease }) => ({ lease, until: 3e15 }),
  },
  releaseLease: { stranger: 'own', limited: 'any', input: ({ lease }) => ({ lease }) },
  readLease: {
    stranger: 'nothing',
    input: ({ lease }) => ({ conversationId: lease.conversationId }),
  },
  beginWork: {
    stranger: 'lease_lost',
    limited: 'any',
    unseen: true,
    input: ({ lease }) => ({ lease, at: 5, itemsAfter: 0 }),
  },
  commitStep: {
    stranger: 'lease_lost',
    limited: 'any',
    input: ({ world, lease, next }) => world.stepCommit(lease, next),
  },
  startTools: {
    stranger: 'lease_lost',
    limited: 'any',
    unseen: true,
    input: ({ lease, step }) => ({ lease, stepId: step.step.id, indexes: [0], at: 5 }),
  },
  commitTool: {
    stranger: 'lease_lost',
    limited: 'any',
    input: ({ world, step, block }) =>
      world.toolCommit(step, 0, {
        blockEdits: [{ blockId: block.id, expectedVersion: 1, value: 'changed' }],
        newBlocks: [world.newBlock({ label: 'more' })],
        passages: [world.newPassage('more')],
        archive: world.newArchive(),
      }),
  },
  endTurn: {
    stranger: 'lease_lost',
    limited: 'any',
    input: ({ world, lease, work }) => ({ lease, end: world.end(work) }),
  },
  commitCompaction: {
    stranger: 'lease_lost',
    limited: 'any',
    input: ({ world, lease, next }) =>
      world.compaction(lease, { viewFrom: next.tailPosition + 2, runId: next.run.id }),
  },
  listSummarySources: {
    stranger: 'not_found',
    input: ({ summaryId }) => ({ summaryId, after: 0, limit: 9 }),
  },
  retryTurn: {
    stranger: 'not_found',
    input: ({ world, failed }) => ({
      runId: failed.id,
      run: { ...failed, id: world.id('run') },
      completed: false,
      at: 5,
    }),
  },
  listOpenWork: { stranger: 'system', input: () => ({ at: 5, limit: 9 }) },

  // Before a stop is asked for: a canary that both are tried on would have nothing to park.
  parkTurn: {
    stranger: 'lease_lost',
    limited: 'any',
    input: ({ lease, work }) => ({
      lease,
      turnId: work.turn.id,
      wait: { kind: 'timer', callId: 'call-1', since: 1, until: 9e14 },
      at: 5,
    }),
  },
  requestCancel: {
    stranger: 'not_found',
    input: ({ world, work }) => ({ runId: work.run.id, end: world.end(work), at: 5 }),
    unseen: true,
  },
  pauseConversation: {
    stranger: 'not_found',
    input: ({ conversation }) => ({ id: conversation.id, now: true, at: 5 }),
  },
  resumeConversation: {
    stranger: 'not_found',
    input: ({ pausedId }) => ({ id: pausedId, at: 5 }),
  },
  sendSignal: {
    stranger: 'not_found',
    unseen: true,
    input: ({ world, conversation }) => ({
      signal: {
        id: world.id('signal'),
        conversationId: conversation.id,
        name: 'canary',
        payload: 'canary',
        createdAt: 5,
        consumedAt: null,
      },
      at: 5,
    }),
  },
  listStopRequests: { stranger: 'system', input: () => ({ limit: 9 }) },
  nextWakeAt: { stranger: 'system', input: () => ({ after: 5 }) },

  listPendingApprovals: { stranger: 'nothing', input: () => ({ limit: 9 }) },
  answerApproval: {
    stranger: 'not_found',
    input: ({ world, asked }) => answerOf(world, asked),
  },
  cancelApproval: {
    stranger: 'not_found',
    input: ({ world, asked }) => cancelOf(world, asked),
  },
}
