import type { ModelInfo } from '../model.ts'

/** The handle of the offline mode. */
export const offlineHandle = 'letta/offline'

/** What the offline mode says of itself. It reads only the newest part of a prompt, so the window is no limit. */
export const offlineInfo: ModelInfo = {
  handle: offlineHandle,
  provider: 'letta',
  name: 'offline',
  contextWindow: 1_000_000,
  maxOutputTokens: null,
  extractive: true,
  endpointType: 'openai',
  endpoint: null,
}
