import { z } from 'zod'
import { agentCountQuery, agentListQuery } from '../wire/agent.ts'
import { createAgentSchema, updateAgentSchema } from '../wire/agent-request.ts'
import {
  archivalListQuery,
  archivalSearchQuery,
  archiveRetentionSchema,
  archiveListQuery,
  createArchivalMemorySchema,
  createArchiveSchema,
  createPassageSchema,
  createPassagesSchema,
  passageSearchSchema,
  updateArchiveSchema,
} from '../wire/archive.ts'
import { putVectorsSchema, rebuildEmbeddingsSchema } from '../wire/embedding.ts'
import { backgroundJobListQuery } from '../wire/background-job.ts'
import { blockListQuery, createBlockSchema, updateBlockSchema } from '../wire/block.ts'
import {
  conversationListQuery,
  createConversationSchema,
  messageListQuery,
  updateConversationSchema,
} from '../wire/conversation.ts'
import {
  createFactSchema,
  createInstructionSchema,
  factHistoryQuery,
  factListQuery,
  instructionListQuery,
  timelineQuery,
} from '../wire/fact.ts'
import { addDocumentSchema } from '../wire/document.ts'
import { forgetListQuery, forgetPreviewSchema, forgetSchema } from '../wire/forget.ts'
import { createKeySchema } from '../wire/key.ts'
import { conversationSendSchema, sendAsyncSchema, sendSchema } from '../wire/message-request.ts'
import { importMessagesSchema } from '../wire/message-import.ts'
import { memoryOperations } from './memory-operations.ts'
import { createGroupSchema, groupListQuery, updateGroupSchema } from '../wire/group.ts'
import { messageSearchSchema } from '../wire/message-search.ts'
import { modelListQuery, modelResolveQuery } from '../wire/model.ts'
import { contextQuery } from '../wire/context.ts'
import { compactionRequestSchema } from '../wire/summary.ts'
import { pauseSchema, resumeSchema, signalSchema } from '../wire/pause.ts'
import { pageShape } from '../wire/query.ts'
import { cancelRunsSchema, retrieveStreamSchema, runListQuery, streamQuery } from '../wire/run.ts'
import {
  createAgentScheduleSchema,
  createScheduleSchema,
  scheduleListQuery,
} from '../wire/schedule.ts'
import { toolListQuery, modifyApprovalQuery, modifyApprovalSchema } from '../wire/tool.ts'

/** What one route takes. */
export interface Operation {
  readonly summary: string
  readonly query?: z.ZodType
  readonly body?: z.ZodType
}

const page = z.lazy(() => z.object(pageShape({ limit: 100 })))
const agentQuery = z.lazy(() => z.object({ agent_id: z.string() }))

/** Every route below `/v1` by method and path; a test compares it with the routes that exist. */
export const operations: Readonly<Record<string, Operation>> = {
  'GET /health': { summary: 'Whether the server lives, and which one it is' },
  'GET /live': { summary: 'Whether the process answers, whatever its database and jobs do' },
  'GET /ready': { summary: 'Whether the server takes requests' },
  'GET /agents': { summary: 'List agents', query: agentListQuery },
  'GET /agents/count': { summary: 'Count agents', query: agentCountQuery },
  'POST /agents': { summary: 'Create an agent', body: createAgentSchema },
  'GET /agents/{agent_id}': { summary: 'Read an agent' },
  'PATCH /agents/{agent_id}': { summary: 'Change an agent', body: updateAgentSchema },
  'DELETE /agents/{agent_id}': { summary: 'Delete an agent' },
  'POST /agents/{agent_id}/recompile': { summary: 'Show the system message as it is now' },
  'POST /agents/{agent_id}/system-prompt/recompile': { summary: 'The same' },
  ...memoryOperations,
  'GET /agents/{agent_id}/facts': {
    summary: 'List facts: what is true now, was true at a time, or was known at a time',
    query: factListQuery,
  },
  'POST /agents/{agent_id}/facts': {
    summary: 'State a fact; another value ends the one before by itself',
    body: createFactSchema,
  },
  'GET /agents/{agent_id}/facts/history': {
    summary: 'List every version of what was stated about a subject and an attribute',
    query: factHistoryQuery,
  },
  'DELETE /agents/{agent_id}/facts/{fact_id}': { summary: 'Take a fact back; it can be undone' },
  'GET /agents/{agent_id}/instructions': {
    summary: 'List standing instructions',
    query: instructionListQuery,
  },
  'POST /agents/{agent_id}/instructions': {
    summary: 'Give a standing instruction',
    body: createInstructionSchema,
  },
  'DELETE /agents/{agent_id}/instructions/{fact_id}': {
    summary: 'Take a standing instruction back; it can be undone',
  },
  'GET /agents/{agent_id}/timeline': {
    summary: 'List what was said, stored and stated about something in the order it happened',
    query: timelineQuery,
  },
  'GET /agents/{agent_id}/core-memory/blocks': {
    summary: 'List the blocks of an agent',
    query: page,
  },
  'GET /agents/{agent_id}/core-memory/blocks/{block_label}': {
    summary: 'Read a block by its label',
  },
  'PATCH /agents/{agent_id}/core-memory/blocks/{block_label}': {
    summary: 'Change a block by its label',
    body: updateBlockSchema,
  },
  'PATCH /agents/{agent_id}/core-memory/blocks/attach/{block_id}': { summary: 'Attach a block' },
  'PATCH /agents/{agent_id}/core-memory/blocks/detach/{block_id}': { summary: 'Detach a block' },
  'GET /agents/{agent_id}/tools': { summary: 'List the tools of an agent', query: page },
  'PATCH /agents/{agent_id}/tools/approval/{tool_name}': {
    summary: 'Choose whether a tool asks before it runs',
    query: modifyApprovalQuery,
    body: modifyApprovalSchema,
  },
  'PATCH /agents/{agent_id}/tools/attach/{tool_id}': { summary: 'Attach a tool' },
  'PATCH /agents/{agent_id}/tools/detach/{tool_id}': { summary: 'Detach a tool' },
  'GET /agents/{agent_id}/messages': {
    summary: 'List the messages of an agent',
    query: messageListQuery,
  },
  'POST /agents/{agent_id}/messages': { summary: 'Send messages and wait', body: sendSchema },
  'POST /agents/{agent_id}/messages/stream': {
    summary: 'Send messages and stream',
    body: sendSchema,
  },
  'POST /agents/{agent_id}/messages/async': {
    summary: 'Send messages and go on',
    body: sendAsyncSchema,
  },
  'POST /agents/{agent_id}/messages/cancel': {
    summary: 'Stop runs of an agent',
    body: cancelRunsSchema,
  },
  'PATCH /agents/{agent_id}/messages/{message_id}': { summary: 'Refused: messages are immutable' },
  'GET /agents/{agent_id}/archival-memory': {
    summary: 'List archival memory',
    query: archivalListQuery,
  },
  'POST /agents/{agent_id}/archival-memory': {
    summary: 'Add to archival memory',
    body: createArchivalMemorySchema,
  },
  'GET /agents/{agent_id}/archival-memory/search': {
    summary: 'Search archival memory',
    query: archivalSearchQuery,
  },
  'DELETE /agents/{agent_id}/archival-memory/{memory_id}': {
    summary: 'Delete from archival memory',
  },
  'POST /agents/{agent_id}/messages/import': {
    summary: 'Bring in a history of messages without calling a model',
    body: importMessagesSchema,
  },
  'GET /agents/{agent_id}/messages/import': { summary: 'List the histories brought in' },
  'DELETE /agents/{agent_id}/messages/import/{import_id}': {
    summary: 'Take a history back that was brought in',
  },
  'PATCH /agents/{agent_id}/archives/attach/{archive_id}': { summary: 'Attach an archive' },
  'PATCH /agents/{agent_id}/archives/detach/{archive_id}': { summary: 'Detach an archive' },
  'GET /archives/{archive_id}/retention': { summary: 'How long passages are kept' },
  'PUT /archives/{archive_id}/retention': {
    summary: 'Set how long passages are kept, those with a tag for another time',
    body: archiveRetentionSchema,
  },
  'POST /agents/{agent_id}/documents': {
    summary: 'Bring a text of any length into the archive of an agent, in pieces, once',
    body: addDocumentSchema,
  },
  'GET /agents/{agent_id}/documents': { summary: 'List the texts brought into the archive' },
  'GET /agents/{agent_id}/documents/{document_id}': { summary: 'Read the pieces of a text' },
  'DELETE /agents/{agent_id}/documents/{document_id}': {
    summary: 'Take a text out of the archive, or all that came in with one addition',
  },
  'POST /forget/preview': {
    summary: 'Show what would be forgotten, with a token that confirms exactly that',
    body: forgetPreviewSchema,
  },
  'POST /forget': { summary: 'Forget what a preview showed, for good', body: forgetSchema },
  'GET /forget': { summary: 'List the receipts of what was forgotten', query: forgetListQuery },
  'GET /forget/{forget_id}': { summary: 'Read a receipt' },
  'GET /archives': { summary: 'List archives', query: archiveListQuery },
  'POST /archives': { summary: 'Create an archive', body: createArchiveSchema },
  'GET /archives/{archive_id}': { summary: 'Read an archive' },
  'PATCH /archives/{archive_id}': { summary: 'Change an archive', body: updateArchiveSchema },
  'DELETE /archives/{archive_id}': { summary: 'Delete an archive with its passages' },
  'POST /archives/{archive_id}/passages': { summary: 'Add a passage', body: createPassageSchema },
  'POST /archives/{archive_id}/passages/batch': {
    summary: 'Add passages',
    body: createPassagesSchema,
  },
  'DELETE /archives/{archive_id}/passages/{passage_id}': { summary: 'Delete a passage' },
  'POST /passages/search': { summary: 'Search passages', body: passageSearchSchema },
  'GET /blocks': { summary: 'List blocks', query: blockListQuery },
  'POST /blocks': { summary: 'Create a block', body: createBlockSchema },
  'GET /blocks/{block_id}': { summary: 'Read a block' },
  'PATCH /blocks/{block_id}': { summary: 'Change a block', body: updateBlockSchema },
  'DELETE /blocks/{block_id}': { summary: 'Delete a block' },
  'GET /blocks/{block_id}/agents': { summary: 'List the agents that have a block', query: page },
  'GET /agents/{agent_id}/context': {
    summary: 'Show what fills its window, or with view=sent what was sent last and why',
    query: contextQuery,
  },
  'POST /agents/{agent_id}/summarize': {
    summary: 'Replace the beginning of its default conversation by a summary; messages stay stored',
    body: compactionRequestSchema,
  },
  'POST /conversations/{conversation_id}/compact': {
    summary: 'Replace its beginning by a summary; messages stay stored',
    body: compactionRequestSchema,
  },
  'GET /conversations': { summary: 'List conversations', query: conversationListQuery },
  'POST /conversations': {
    summary: 'Open a conversation',
    query: agentQuery,
    body: createConversationSchema,
  },
  'GET /conversations/{conversation_id}': { summary: 'Read a conversation' },
  'PATCH /conversations/{conversation_id}': {
    summary: 'Change a conversation',
    body: updateConversationSchema,
  },
  'DELETE /conversations/{conversation_id}': { summary: 'Delete a conversation' },
  'POST /conversations/{conversation_id}/cancel': { summary: 'Stop runs of a conversation' },
  'POST /conversations/{conversation_id}/pause': {
    summary: 'Let a conversation rest: at the end of the step, or now; input queues',
    body: pauseSchema,
  },
  'GET /conversations/{conversation_id}/pause': { summary: 'Whether it is paused' },
  'POST /conversations/{conversation_id}/resume': {
    summary: 'End a pause and go on in the same run',
    body: resumeSchema,
  },
  'POST /conversations/{conversation_id}/signal': {
    summary: 'Send a signal to the turn that waits for its name, now or later',
    body: signalSchema,
  },
  'POST /conversations/{conversation_id}/recompile': {
    summary: 'Show its system message as it is now',
  },
  'GET /conversations/{conversation_id}/messages': {
    summary: 'List the messages of a conversation',
    query: messageListQuery,
  },
  'POST /conversations/{conversation_id}/messages': {
    summary: 'Send messages to a conversation; streams unless told otherwise',
    body: conversationSendSchema,
  },
  'POST /conversations/{conversation_id}/stream': {
    summary: 'Attach to the stream of a run',
    body: retrieveStreamSchema,
  },
  'GET /keys': { summary: 'List keys' },
  'POST /keys': { summary: 'Create a key; its secret is shown once', body: createKeySchema },
  'DELETE /keys/{key_id}': { summary: 'Revoke a key' },
  'GET /messages': { summary: 'List the messages of all agents', query: messageListQuery },
  'GET /messages/{message_id}': { summary: 'Read a message' },
  'POST /messages/search': {
    summary: 'Search the messages of an agent',
    body: messageSearchSchema,
  },
  'GET /models': { summary: 'List models', query: modelListQuery },
  'GET /models/resolve': {
    summary: 'Find the model that a handle or a bare name means, or say why it cannot be used',
    query: modelResolveQuery,
  },
  'GET /models/embedding': { summary: 'List embedding models' },
  'GET /embeddings': { summary: 'How far the vectors of each model are, and what keeps them' },
  'PUT /embeddings/vectors': {
    summary: 'Store vectors that the client has made, of messages and passages',
    body: putVectorsSchema,
  },
  'POST /embeddings/rebuild': {
    summary: 'Have all vectors of a model made anew',
    body: rebuildEmbeddingsSchema,
  },
  'GET /runs': { summary: 'List runs', query: runListQuery },
  'GET /runs/active': { summary: 'List runs that are active', query: runListQuery },
  'GET /runs/{run_id}': { summary: 'Read a run' },
  'GET /runs/{run_id}/messages': { summary: 'List the messages of a run', query: page },
  'GET /runs/{run_id}/usage': { summary: 'What a run used' },
  'GET /runs/{run_id}/steps': { summary: 'List the steps of a run', query: page },
  'POST /runs/{run_id}/stream': {
    summary: 'Attach to the stream of a run',
    body: retrieveStreamSchema,
  },
  'GET /runs/{run_id}/stream': {
    summary: 'The same for browsers: with id lines, and going on after Last-Event-ID',
    query: streamQuery,
  },
  'POST /runs/{run_id}/retry': { summary: 'Carry a failed run on, without a new message' },
  'GET /groups': { summary: 'List groups of sleep-time agents', query: groupListQuery },
  'GET /groups/count': { summary: 'Count groups' },
  'POST /groups': { summary: 'Refused: groups come with their agent', body: createGroupSchema },
  'GET /groups/{group_id}': { summary: 'Read a group' },
  'PATCH /groups/{group_id}': { summary: 'Change a group', body: updateGroupSchema },
  'DELETE /groups/{group_id}': { summary: 'End a group; its agents stay' },
  'GET /agents/{agent_id}/groups': { summary: 'List the groups an agent is in' },
  'GET /schedules': { summary: 'List schedules', query: scheduleListQuery },
  'GET /schedules/{schedule_id}': { summary: 'Read a schedule' },
  'DELETE /schedules/{schedule_id}': { summary: 'Remove a schedule' },
  'POST /schedules/{schedule_id}/pause': { summary: 'Let a schedule rest' },
  'POST /schedules/{schedule_id}/resume': { summary: 'Let a schedule fire again' },
  'GET /conversations/{conversation_id}/schedules': {
    summary: 'List the schedules of a conversation',
    query: page,
  },
  'POST /conversations/{conversation_id}/schedules': {
    summary: 'Send messages to a conversation at a time, or again and again',
    body: createScheduleSchema,
  },
  'GET /agents/{agent_id}/schedule': { summary: 'List the schedules of an agent' },
  'POST /agents/{agent_id}/schedule': {
    summary: 'Send messages to an agent at a time, or again and again',
    body: createAgentScheduleSchema,
  },
  'GET /agents/{agent_id}/schedule/{schedule_id}': { summary: 'Read a schedule of an agent' },
  'DELETE /agents/{agent_id}/schedule/{schedule_id}': { summary: 'Remove a schedule of an agent' },
  'GET /steps': { summary: 'List steps', query: page },
  'GET /steps/{step_id}': { summary: 'Read a step' },
  'GET /steps/{step_id}/messages': { summary: 'List the messages of a step', query: page },
  'GET /background-jobs': {
    summary: 'List what servers do in the background, newest first',
    query: backgroundJobListQuery,
  },
  'GET /background-jobs/{job_id}': { summary: 'Read a background job' },
  'POST /background-jobs/{job_id}/retry': { summary: 'Have a dead background job tried again' },
  'DELETE /background-jobs/{job_id}': { summary: 'Remove a dead background job' },
  'GET /tags': { summary: 'List tags', query: page },
  'GET /tools': { summary: 'List tools', query: toolListQuery },
  'GET /tools/count': { summary: 'Count tools', query: toolListQuery },
  'POST /tools/add-base-tools': { summary: 'List the base tools, which always exist' },
  'GET /tools/{tool_id}': { summary: 'Read a tool' },
}
