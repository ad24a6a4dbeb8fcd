import type { AppParts } from '../app-parts.ts'
import { createAgentService, type AgentService } from './agents.ts'
import { createArchiveService, type ArchiveService } from './archives.ts'
import { createBackgroundJobService, type BackgroundJobService } from './background-jobs.ts'
import { createBlockService, type BlockService } from './blocks.ts'
import { createDocumentService, type DocumentService } from './documents.ts'
import { createContextService, type ContextService } from './context.ts'
import { createConsolidationService, type ConsolidationService } from './consolidation.ts'
import { createConversationService, type ConversationService } from './conversations.ts'
import { createFactService, type FactService } from './facts.ts'
import { createForgetService, type ForgetService } from './forget.ts'
import { createEmbeddingService, type EmbeddingService } from './embeddings.ts'
import { createImportService, type ImportService } from './imports.ts'
import { createKeyService, type KeyService } from './keys.ts'
import { createMemoryService, type MemoryService } from './memory.ts'
import { createMessageService, type MessageService } from './messages.ts'
import { createModelService, type ModelService } from './models.ts'
import { createPassageSearch, type PassageSearchService } from './passage-search.ts'
import { createRunService, type RunService } from './runs.ts'
import { createScheduleService, type ScheduleService } from './schedules.ts'
import { createStarService, type StarService } from './stars.ts'
import { createGroupService, type GroupService } from './sleeptime.ts'
import { createTagService, type TagService } from './tags.ts'
import { createToolService, type ToolService } from './tools.ts'

/** What the API can do besides running turns: one service per resource. */
export interface Services {
  readonly agents: AgentService
  readonly archives: ArchiveService
  readonly backgroundJobs: BackgroundJobService
  readonly blocks: BlockService
  readonly consolidation: ConsolidationService
  readonly contexts: ContextService
  readonly conversations: ConversationService
  readonly facts: FactService
  readonly documents: DocumentService
  readonly forget: ForgetService
  readonly embeddings: EmbeddingService
  readonly groups: GroupService
  readonly imports: ImportService
  readonly keys: KeyService
  readonly memory: MemoryService
  readonly messages: MessageService
  readonly models: ModelService
  readonly passageSearch: PassageSearchService
  readonly runs: RunService
  readonly schedules: ScheduleService
  readonly stars: StarService
  readonly tags: TagService
  readonly tools: ToolService
}

/** Builds the services from the parts of the app. */
export function createServices(parts: AppParts): Services {
  const tools = createToolService(parts)
  const models = createModelService(parts)
  return {
    agents: createAgentService({ ...parts, toolService: tools, modelService: models }),
    archives: createArchiveService(parts),
    backgroundJobs: createBackgroundJobService(parts),
    blocks: createBlockService(parts),
    consolidation: createConsolidationService(parts),
    contexts: createContextService(parts),
    conversations: createConversationService({ ...parts, modelService: models }),
    facts: createFactService(parts),
    documents: createDocumentService(parts),
    forget: createForgetService(parts),
    embeddings: createEmbeddingService(parts),
    groups: createGroupService({ ...parts, toolService: tools, modelService: models }),
    imports: createImportService(parts),
    keys: createKeyService(parts),
    memory: createMemoryService(parts),
    messages: createMessageService(parts),
    models,
    passageSearch: createPassageSearch(parts),
    runs: createRunService(parts),
    schedules: createScheduleService(parts),
    stars: createStarService(parts),
    tags: createTagService(parts),
    tools,
  }
}
