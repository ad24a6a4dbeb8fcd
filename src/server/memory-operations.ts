import {
  consolidateSchema,
  consolidationSchema,
  memoryAnswerSchema,
  memoryAtQuery,
  memoryBlameQuery,
  memoryDiffQuery,
  memoryHistoryQuery,
  memoryModeSchema,
  memoryProposalsQuery,
  memoryQuarantineQuery,
  memoryRestoreSchema,
  memoryUndoSchema,
} from '../wire/memory.ts'

/** The history of memory, and keeping it clean. */
export const memoryOperations = {
  'GET /agents/{agent_id}/memory/history': {
    summary: 'List the changes of memory, newest first, each with an id to undo it',
    query: memoryHistoryQuery,
  },
  'DELETE /agents/{agent_id}/memory/history/{item_id}': {
    summary: 'Remove the past of a block, passage or fact for good',
  },
  'GET /agents/{agent_id}/memory/diff': {
    summary: 'Show a change line by line',
    query: memoryDiffQuery,
  },
  'GET /agents/{agent_id}/memory/blame': {
    summary: 'Show which change and which words caused each line of a block, passage or fact',
    query: memoryBlameQuery,
  },
  'GET /agents/{agent_id}/memory/at': {
    summary: 'Show the blocks and facts, or one block, passage or fact, as they were at a time',
    query: memoryAtQuery,
  },
  'POST /agents/{agent_id}/memory/undo': {
    summary: 'Take a change back and keep later ones',
    body: memoryUndoSchema,
  },
  'POST /agents/{agent_id}/memory/restore': {
    summary: 'Make a block, passage or fact again what it was at a version or a time',
    body: memoryRestoreSchema,
  },
  'GET /agents/{agent_id}/memory/proposals': {
    summary: 'List the edits that wait for a review, or did',
    query: memoryProposalsQuery,
  },
  'GET /agents/{agent_id}/memory/proposals/{proposal}': {
    summary: 'Show a proposed edit line by line, as it would change memory now',
  },
  'POST /agents/{agent_id}/memory/proposals/{proposal}/apply': { summary: 'Make a proposed edit' },
  'POST /agents/{agent_id}/memory/proposals/{proposal}/reject': {
    summary: 'Reject a proposed edit',
  },
  'GET /agents/{agent_id}/memory/quarantine': {
    summary: 'List what a tool or the web told: kept, and in no prompt until it is approved',
    query: memoryQuarantineQuery,
  },
  'POST /agents/{agent_id}/memory/quarantine/{item_id}/approve': {
    summary: 'Trust a text or fact as if the user had said it',
  },
  'POST /agents/{agent_id}/memory/quarantine/{item_id}/discard': {
    summary: 'Take a text or fact that waits for approval out of memory',
  },
  'GET /agents/{agent_id}/memory/why': {
    summary: 'Show what an answer rests on: what was found, and what memory says of it',
    query: memoryAnswerSchema,
  },
  'GET /agents/{agent_id}/memory/stars': {
    summary: 'List the starred answers with what was asked and what they rested on',
  },
  'POST /agents/{agent_id}/memory/stars': {
    summary: 'Star an answer, so that its sources can be looked for again',
    body: memoryAnswerSchema,
  },
  'DELETE /agents/{agent_id}/memory/stars/{run_id}': { summary: 'Take a star away' },
  'GET /agents/{agent_id}/memory/lint': {
    summary: 'Look for what makes memory worse: what repeats, contradicts or is out of date',
  },
  'POST /agents/{agent_id}/memory/consolidate': {
    summary:
      'Tidy memory by rules and, within the budget of the day, by a model; or say what would be tidied',
    body: consolidateSchema,
  },
  'GET /agents/{agent_id}/memory/consolidation': { summary: 'When memory is tidied by itself' },
  'PUT /agents/{agent_id}/memory/consolidation': {
    summary:
      'Have memory tidied by itself after a number of turns, or when the agent rests, and say what a model may take for it',
    body: consolidationSchema,
  },
  'GET /agents/{agent_id}/memory/mode': { summary: 'Whether edits of memory are reviewed' },
  'PUT /agents/{agent_id}/memory/mode': {
    summary: 'Have edits of memory reviewed, or count at once',
    body: memoryModeSchema,
  },
} as const
