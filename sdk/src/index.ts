export { chatTools, memoryTypes } from './agent-options.ts'
export type {
  BlockOptions,
  CreateAgentOptions,
  GetOrCreateAgentOptions,
  MemoryType,
} from './agent-options.ts'
export type { AnswerOptions, CallReturn, DenyOptions, ReturnToolsOptions } from './answer-calls.ts'
export type { BackgroundJob, BackgroundJobFilter } from './background-jobs.ts'
export type { Agent, Client } from './client.ts'
export type { Compaction, CompactOptions } from './compact-conversation.ts'
export type { ContextOverview, SentContext } from './read-context.ts'
export type { ClientMode, Connection } from './connection.ts'
export { createClient } from './create-client.ts'
export type { ClientOptions } from './create-client.ts'
export type { Embedded, OpenEmbedded } from './embedded.ts'
export { LettaError, toLettaError } from './errors.ts'
export type { LettaErrorOptions } from './errors.ts'
export type {
  AddedDocument,
  AgentDocuments,
  ArchiveDocument,
  DocumentOptions,
} from './documents.ts'
export type {
  ForgetElsewhere,
  ForgetItem,
  ForgetPreview,
  ForgetReceipt,
  ForgetRequest,
  Forgetting,
} from './forgetting.ts'
export type {
  AgentMessage,
  AgentMessageType,
  StreamEvent,
  Usage,
  UserMessageResponse,
  WireMessage,
} from './messages.ts'
export { PendingApprovalError } from './pending-calls.ts'
export type { PendingCall } from './pending-calls.ts'
export type { Schedule, ScheduleFilter, ScheduleOptions } from './schedules.ts'
export type { FollowOptions, UserMessageOptions, WatchOptions } from './turn-options.ts'
export type {
  AgentFacts,
  Fact,
  FactInput,
  FactOrigin,
  FactPage,
  FactQuery,
  SearchRelevance,
  StatedFact,
  Timeline,
  TimelineEntry,
} from './facts.ts'
export type { AgentSearch, MessageSearch, PassageSearch, SearchPage, TextSearch } from './search.ts'
export type {
  EmbeddingProgress,
  AgentVectors,
  FoundMessage,
  FoundPassage,
  PassageWithVector,
  VectorSearch,
} from './vectors.ts'
export type {
  AgentMemory,
  ConsolidationPolicy,
  ConsolidatorReport,
  HeldBack,
  MemoryConsolidation,
  MemoryBlame,
  MemoryFinding,
  MemoryLint,
  MemoryChange,
  ItemDiff,
  MemoryDiff,
  MemoryProposal,
  MemoryProposalDiff,
  MemoryQuote,
  AnswerSource,
  MemoryReasons,
  StarredAnswer,
  WhichAnswer,
  PastItem,
} from './memory.ts'
export { version } from './version.ts'
export type { PlaceOptions, SignalOptions } from './rest-conversation.ts'
