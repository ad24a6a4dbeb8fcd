export type { App } from './app/app.ts'
export type { AppParts, AppSettings, Logger } from './app/app-parts.ts'
export { createApp } from './app/create-app.ts'
export type { AppOptions } from './app/create-app.ts'
export { loadSettings } from './config/load-settings.ts'
export type { Settings } from './config/load-settings.ts'
export { version } from './config/version.ts'
export { AppError, isAppError } from './errors/app-error.ts'
export type { ErrorCode } from './errors/error-codes.ts'
export type { LanguageModel, ModelInfo, ModelPart, ModelRequest } from './llm/model.ts'
export type { ModelSource } from './llm/model-source.ts'
export { createServer } from './server/create-server.ts'
export { openEmbedded } from './server/open-embedded.ts'
export type { EmbeddedProduct, OpenEmbeddedOptions } from './server/open-embedded.ts'
export { openStore } from './storage/open-store.ts'
export type { Store } from './storage/store.ts'
export { defineTool } from './tools/define-tool.ts'
export type {
  OperatorTool,
  OperatorToolOfJsonSchema,
  OperatorToolResult,
  ToolReplay,
} from './tools/define-tool.ts'
export type {
  ActionTool,
  MemoryTool,
  Tool,
  ToolContext,
  ToolOutput,
  WaitTool,
} from './tools/tool.ts'
