import type { LanguageModel } from '../model.ts'
import { noUsage } from '../model.ts'
import { offlineInfo } from './offline-info.ts'
/** The offline mode. */
export function createOfflineModel(): LanguageModel {
  return {
    handle: offlineInfo.handle,
    info: offlineInfo,
    async *stream() {
      yield { type: 'finish', reason: 'stop', usage: noUsage }
    },
  }
}
