import type { ForgetStore } from '../contract/forget-store.ts'
import type { Probe } from './canary-probe.ts'
import { forgetWrite, ownersOf } from './forget-samples.ts'

/** One probe for every operation of forgetting. */
export const forgetProbes: { readonly [Name in keyof ForgetStore]: Probe<Name> } = {
  findForgetOwners: { stranger: 'not_found', input: ({ agent }) => ownersOf(agent.id) },
  findForgetSharers: { stranger: 'not_found', input: ({ agent }) => ownersOf(agent.id) },
  readForgetMark: { stranger: 'not_found', input: ({ agent }) => ownersOf(agent.id) },
  listStoredTexts: {
    stranger: 'not_found',
    input: ({ agent }) => ({ owners: ownersOf(agent.id), table: 'messages', limit: 9 }),
  },
  applyForget: {
    stranger: 'not_found',
    input: ({ world, waiting, forgetMark: mark }) =>
      forgetWrite(world, { owners: ownersOf(waiting.id), mark }),
  },
  listForgets: { stranger: 'nothing', input: () => ({ limit: 9 }) },
  getForget: { stranger: 'not_found', input: ({ forgetId }) => ({ id: forgetId }) },
  finishForget: {
    stranger: 'not_found',
    input: ({ forgetId }) => ({
      id: forgetId,
      residue: null,
      cleaning: {},
      outside: ['canary'],
      at: 5,
    }),
  },
}
