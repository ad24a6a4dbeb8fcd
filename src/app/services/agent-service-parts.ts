import type { AppParts } from '../app-parts.ts'
import type { ModelService } from './models.ts'
import type { ToolService } from './tools.ts'

/** What the service of agents is made from. */
export interface AgentServiceParts extends AppParts {
  readonly toolService: ToolService
  readonly modelService: ModelService
}
