import { randomUUID } from 'node:crypto'
import type { StoreOperation } from '../store.ts'
import { forgetProbes } from './canary-forget-probes.ts'
import { jobProbes } from './canary-job-probes.ts'
import type { Probe } from './canary-probe.ts'
import { turnProbes } from './canary-turn-probes.ts'
import { emptyUsage } from './world.ts'

const page = { limit: 99, order: 'asc' } as const

/** One probe for every operation; a new operation without one does not compile. */
export const probes: { readonly [Name in StoreOperation]: Probe<Name> } = {
  createKey: {
    stranger: 'own',
    limited: 'any',
    input: ({ world }) => ({
      hash: randomUUID(),
      key: {
        id: world.id('key'),
        tenantId: world.scope.tenantId,
        userId: world.scope.userId,
        name: 'new',
        role: 'reader',
        agentIds: null,
        hint: '',
        createdAt: 1,
        lastUsedAt: null,
        revokedAt: null,
      },
    }),
  },
  listKeys: { stranger: 'nothing', limited: 'any', input: () => undefined },
  revokeKey: {
    stranger: 'not_found',
    limited: 'any',
    input: ({ keyId }) => ({ id: keyId, at: 5 }),
  },
  findKey: { stranger: 'system', input: () => ({ hash: '' }) },
  touchKey: { stranger: 'system', input: () => ({ id: '', at: 1 }) },
  countActiveKeys: { stranger: 'system', input: () => undefined },

  createAgent: {
    stranger: 'not_found',
    input: ({ world, block }) => world.newAgent({ blockIds: [block.id] }),
  },
  createSleeptimePair: {
    stranger: 'not_found',
    input: ({ world, agent, block }) => ({
      served: { id: agent.id, at: 5, updatedById: 'u' },
      companion: world.newAgent({ blockIds: [block.id] }),
      group: { memberIds: [], frequency: 5, isEnabled: true, description: '' },
    }),
  },
  getAgent: { stranger: 'not_found', input: ({ agent }) => ({ id: agent.id }) },
  listAgents: {
    stranger: 'nothing',
    input: ({ agent }) => ({
      filter: { ids: [agent.id] },
      page: { ...page, orderBy: 'createdAt' },
    }),
  },
  countAgents: { stranger: 'nothing', input: ({ agent }) => ({ filter: { name: agent.name } }) },
  updateAgent: {
    stranger: 'not_found',
    input: ({ agent }) => ({ id: agent.id, at: 5, updatedById: 'u', set: { name: 'changed' } }),
  },
  deleteAgent: { stranger: 'not_found', input: ({ agent }) => ({ id: agent.id }) },
  attachBlock: {
    stranger: 'not_found',
    input: ({ agent, looseBlock }) => ({ agentId: agent.id, blockId: looseBlock.id, at: 5 }),
  },
  detachBlock: {
    stranger: 'not_found',
    input: ({ agent, block }) => ({ agentId: agent.id, blockId: block.id, at: 5 }),
  },
  spendTokens: {
    stranger: 'not_found',
    unseen: true,
    input: ({ agent }) => ({ agentId: agent.id, day: 20_000, tokens: 5, limit: null }),
  },

  createBlock: {
    stranger: 'own',
    limited: 'any',
    input: ({ world }) => ({ block: world.newBlock(), cause: world.cause }),
  },
  getBlock: { stranger: 'not_found', input: ({ block }) => ({ id: block.id }) },
  listAgentBlocks: { stranger: 'not_found', input: ({ agent }) => ({ agentId: agent.id }) },
  listBlocksOfAgents: { stranger: 'nothing', input: ({ agent }) => ({ agentIds: [agent.id] }) },
  listBlocks: {
    stranger: 'nothing',
    input: ({ block }) => ({ filter: { ids: [block.id] }, page }),
  },
  updateBlock: {
    stranger: 'not_found',
    input: ({ world, block }) => ({
      id: block.id,
      at: 5,
      cause: world.cause,
      set: { value: 'changed' },
    }),
  },
  deleteBlock: { stranger: 'not_found', input: ({ block }) => ({ id: block.id }) },
  listBlockVersions: { stranger: 'not_found', input: ({ block }) => ({ id: block.id, limit: 9 }) },

  createConversation: {
    stranger: 'not_found',
    input: ({ world, agent }) => ({ conversation: world.conversationOf(agent), messages: [] }),
  },
  getConversation: {
    stranger: 'not_found',
    input: ({ conversation }) => ({ id: conversation.id }),
  },
  getConversationWithAgent: {
    stranger: 'not_found',
    input: ({ conversation }) => ({ id: conversation.id }),
  },
  listConversations: {
    stranger: 'nothing',
    input: ({ agent }) => ({ agentId: agent.id, orderBy: 'createdAt', ...page }),
  },
  updateConversation: {
    stranger: 'not_found',
    input: ({ conversation }) => ({ id: conversation.id, at: 5, set: { summary: 'changed' } }),
  },
  deleteConversation: {
    stranger: 'not_found',
    input: ({ conversation }) => ({ id: conversation.id }),
  },
  importMessages: {
    stranger: 'not_found',
    input: ({ world, agent, imported }) => ({
      agentId: agent.id,
      importId: imported.id,
      start: null,
      messages: [world.message(agent, 'more', { conversationId: imported.id })],
      at: 5,
    }),
  },
  listImports: { stranger: 'not_found', input: ({ agent }) => ({ agentId: agent.id }) },
  deleteImport: {
    stranger: 'not_found',
    input: ({ agent, imported }) => ({ agentId: agent.id, importId: imported.id }),
  },
  listViewMessageIds: {
    stranger: 'nothing',
    input: ({ conversation }) => ({ conversationIds: [conversation.id] }),
  },
  listItems: {
    stranger: 'not_found',
    input: ({ conversation }) => ({ conversationId: conversation.id, fromPosition: 0, limit: 9 }),
  },
  getMessages: { stranger: 'nothing', input: ({ messageId }) => ({ ids: [messageId] }) },
  listMessages: { stranger: 'nothing', input: ({ work }) => ({ runId: work.run.id, ...page }) },
  countMessages: { stranger: 'not_found', input: ({ agent }) => ({ agentId: agent.id }) },

  ...turnProbes,

  getRun: { stranger: 'not_found', input: ({ work }) => ({ id: work.run.id }) },
  getTurn: { stranger: 'not_found', input: ({ work }) => ({ id: work.turn.id }) },
  listRuns: {
    stranger: 'nothing',
    input: ({ agent }) => ({ filter: { agentIds: [agent.id] }, page }),
  },
  getRunUsage: { stranger: 'not_found', input: ({ work }) => ({ runId: work.run.id }) },
  listSteps: { stranger: 'nothing', input: ({ agent }) => ({ agentId: agent.id, page }) },
  getStep: { stranger: 'not_found', input: ({ step }) => ({ id: step.step.id }) },
  findRunByOtid: {
    stranger: 'nothing',
    input: ({ lease, otid }) => ({ conversationId: lease.conversationId, otid }),
  },
  markDelivered: {
    stranger: 'nothing',
    unseen: true,
    input: ({ work }) => ({ runIds: [work.run.id] }),
  },
  recordCallback: {
    stranger: 'not_found',
    input: ({ work }) => ({ runId: work.run.id, sentAt: 5, statusCode: 200, error: null }),
  },
  getTokenFactor: { stranger: 'nothing', limited: 'any', input: () => ({ model: 'canary' }) },
  putTokenFactor: {
    stranger: 'own',
    limited: 'any',
    input: () => ({ factor: { model: 'canary', perThousand: 1200, updatedAt: 6 } }),
  },
  starRun: {
    stranger: 'not_found',
    input: ({ work, messageId }) => ({ id: work.run.id, star: { at: 5, sources: [messageId] } }),
  },

  appendEvents: {
    stranger: 'lease_lost',
    limited: 'any',
    input: ({ lease, work }) => ({
      lease,
      runId: work.run.id,
      events: [{ type: 'run-ended', stopReason: 'error', usage: emptyUsage, error: null }],
      at: 5,
    }),
  },
  listEvents: {
    stranger: 'nothing',
    input: ({ work }) => ({ runId: work.run.id, after: 0, limit: 9 }),
  },
  pruneEvents: { stranger: 'nothing', input: () => ({ endedBefore: 3e15, limit: 9 }) },

  createArchive: {
    stranger: 'not_found',
    input: ({ world, waiting }) => ({ archive: world.newArchive(), agentId: waiting.id, at: 5 }),
  },
  getArchive: { stranger: 'not_found', input: ({ archive }) => ({ id: archive.id }) },
  listArchives: { stranger: 'nothing', input: ({ archive }) => ({ name: archive.name, page }) },
  updateArchive: {
    stranger: 'not_found',
    input: ({ archive }) => ({ id: archive.id, at: 5, set: { name: 'changed' } }),
  },
  deleteArchive: { stranger: 'not_found', input: ({ archive }) => ({ id: archive.id }) },
  attachArchive: {
    stranger: 'not_found',
    input: ({ waiting, archive }) => ({ agentId: waiting.id, archiveId: archive.id, at: 5 }),
  },
  detachArchive: {
    stranger: 'not_found',
    input: ({ agent, archive }) => ({ agentId: agent.id, archiveId: archive.id }),
  },
  createPassages: {
    stranger: 'not_found',
    input: ({ world, archive }) => ({
      agent: null,
      passages: [world.newPassage('more', { archiveId: archive.id })],
      at: 5,
    }),
  },
  listPassages: { stranger: 'not_found', input: ({ agent }) => ({ agentId: agent.id, ...page }) },
  getPassages: { stranger: 'nothing', input: ({ passage }) => ({ ids: [passage.id] }) },
  deletePassage: { stranger: 'not_found', input: ({ passage }) => ({ id: passage.id }) },
  countPassages: { stranger: 'not_found', input: ({ agent }) => ({ agentId: agent.id }) },
  listPassageTags: {
    stranger: 'not_found',
    input: ({ agent }) => ({ agentId: agent.id, limit: 9 }),
  },

  listMemoryChanges: {
    stranger: 'not_found',
    input: ({ agent }) => ({ agentId: agent.id, limit: 9 }),
  },
  getMemoryStates: {
    stranger: 'not_found',
    input: ({ agent, block }) => ({
      agentId: agent.id,
      versions: [{ subject: 'block', itemId: block.id, version: 1 }],
    }),
  },
  changeMemory: {
    stranger: 'not_found',
    input: ({ world, agent, block, passage }) =>
      world.memoryWrite(agent, {
        blockEdits: [{ blockId: block.id, expectedVersion: 1, value: 'changed' }],
        deletedPassages: [{ passageId: passage.id, expectedVersion: 2 }],
      }),
  },
  listProposals: {
    stranger: 'not_found',
    input: ({ agent }) => ({ agentId: agent.id, limit: 9 }),
  },
  proposeMemory: {
    stranger: 'not_found',
    input: ({ world, agent }) => ({
      agentId: agent.id,
      edits: [{ canary: true }],
      cause: world.cause,
      at: 5,
    }),
  },
  rejectProposal: {
    stranger: 'not_found',
    input: ({ agent, proposal }) => ({ agentId: agent.id, number: proposal, at: 5 }),
  },
  forgetHistory: {
    stranger: 'not_found',
    input: ({ agent, block }) => ({ agentId: agent.id, itemId: block.id }),
  },

  listFacts: {
    stranger: 'not_found',
    input: ({ agent, messageId }) => ({
      agentId: agent.id,
      slots: ['canary'],
      sourceMessageIds: [messageId],
      validAt: 9,
      limit: 9,
    }),
  },
  searchFacts: {
    stranger: 'not_found',
    input: ({ agent }) => ({
      agentId: agent.id,
      terms: ['canary'],
      from: null,
      until: null,
      limit: 9,
    }),
  },
  readTexts: {
    stranger: 'not_found',
    input: ({ archive }) => ({
      owner: { kind: 'passages', archiveId: archive.id },
      known: null,
      completeUpTo: 9,
      limit: 9,
      tags: [],
      tagMatch: 'any',
    }),
  },
  searchMessages: {
    stranger: 'not_found',
    input: ({ agent }) => ({
      agentId: agent.id,
      terms: ['canary'],
      roles: ['user', 'assistant'],
      from: null,
      until: null,
      excludeIds: [],
      limit: 9,
    }),
  },
  searchPassages: {
    stranger: 'not_found',
    input: ({ archive }) => ({
      archiveId: archive.id,
      terms: ['canary'],
      tags: [],
      tagMatch: 'any',
      from: null,
      until: null,
      limit: 9,
    }),
  },

  putVectors: {
    stranger: 'nothing',
    input: ({ passage, messageId }) => ({
      items: [
        { kind: 'passage', id: passage.id, model: 'canary', vector: [1, 2] },
        { kind: 'message', id: messageId, model: 'canary', vector: [2, 1] },
      ],
    }),
  },
  searchMessageVectors: {
    stranger: 'not_found',
    input: ({ agent }) => ({
      agentId: agent.id,
      model: 'canary',
      vector: [1, 2],
      roles: ['user', 'assistant'],
      from: null,
      until: null,
      excludeIds: [],
      limit: 9,
    }),
  },
  searchPassageVectors: {
    stranger: 'not_found',
    input: ({ archive }) => ({
      archiveId: archive.id,
      model: 'canary',
      vector: [1, 2],
      tags: [],
      tagMatch: 'any',
      from: null,
      until: null,
      limit: 9,
    }),
  },
  findWithoutVectors: {
    stranger: 'own',
    input: () => ({ limit: 9 }),
  },
  findPassageModel: {
    stranger: 'not_found',
    input: ({ agent }) => ({ agentId: agent.id }),
  },
  listVectorProgress: { stranger: 'own', input: () => undefined },
  deleteVectors: {
    stranger: 'own',
    unseen: true,
    input: () => ({ model: 'canary' }),
  },
  countVectors: {
    stranger: 'not_found',
    input: ({ agent }) => ({ kind: 'passage', agentId: agent.id, model: 'canary' }),
  },
  ...forgetProbes,
  ...jobProbes,
}
