import type { Tool } from '../tool.ts'
import { archivalMemoryInsert } from './archival-memory-insert.ts'
import { archivalMemorySearch } from './archival-memory-search.ts'
import { conversationSearch } from './conversation-search.ts'
import { coreMemoryAppend } from './core-memory-append.ts'
import { coreMemoryReplace } from './core-memory-replace.ts'
import { expandSummary } from './expand-summary.ts'
import { memoryApplyPatch } from './memory-apply-patch.ts'
import { memoryFinishEdits } from './memory-finish-edits.ts'
import { memoryInsert } from './memory-insert.ts'
import { memory } from './memory.ts'
import { memoryReplace } from './memory-replace.ts'
import { memoryRethink } from './memory-rethink.ts'
import { recallFacts } from './recall-facts.ts'
import { rememberFact } from './remember-fact.ts'
import { sendMessage } from './send-message.ts'
import { standingInstructions } from './standing-instructions.ts'
import { timeline } from './timeline.ts'
import { wait } from './wait.ts'

/** Every tool the product carries, with the names and arguments of the original server. */
export const builtinTools: readonly Tool[] = [
  sendMessage,
  conversationSearch,
  expandSummary,
  archivalMemoryInsert,
  archivalMemorySearch,
  coreMemoryAppend,
  coreMemoryReplace,
  memoryReplace,
  memoryInsert,
  memoryRethink,
  memoryFinishEdits,
  memory,
  memoryApplyPatch,
  rememberFact,
  recallFacts,
  standingInstructions,
  timeline,
  wait,
]
