import { describe, expect, it } from 'vitest'
import { checkPromises } from './check-observation.ts'
import type { Observation, SentMessage, SettledRun } from './observation.ts'

const frames = [
  { seqId: 100, body: '{"message_type":"assistant_message"}' },
  { seqId: 200, body: '{"message_type":"stop_reason"}' },
]
const message: SentMessage = {
  otid: 'otid-1',
  agentId: 'agent-1',
  text: 'REMEMBER #1',
  runId: 'run-1',
  frames,
}
const run: SettledRun = {
  id: 'run-1',
  status: 'completed',
  stopReason: 'end_turn',
  hasReason: false,
  replay: frames,
}
const told = { id: 'message-1', agentId: 'agent-1', type: 'user_message', otid: 'otid-1' }
const answered = { id: 'message-2', agentId: 'agent-1', type: 'assistant_message', otid: null }
const kept: Observation = {
  sent: [message],
  runs: [run],
  messages: [
    { ...told, text: 'REMEMBER #1', status: null },
    { ...answered, text: 'Done with #1.', status: null },
  ],
  effects: ['once #1', 'again #1', 'again #1'],
  blocks: { 'agent-1': 'Told #1.' },
  schedules: [{ id: 'schedule-1', agentId: 'agent-2', state: 'finished', firedCount: 1 }],
}

/** What the schedule leaves behind each time it sends its message. */
const fired: Observation['messages'] = [
  { ...told, id: 'message-3', agentId: 'agent-2', otid: 'schedule-1:500', text: '', status: null },
  { ...answered, id: 'message-4', agentId: 'agent-2', text: '', status: null },
]

/** The promises that an observation breaks. */
function broken(
  change: Partial<Observation>,
  scheduled: Observation['messages'] = fired,
): readonly string[] {
  const seen = { ...kept, ...change }
  return checkPromises({ ...seen, messages: [...seen.messages, ...scheduled] })
    .filter((checked) => checked.broken.length > 0)
    .map(({ promise }) => promise)
}

/** The message was asked about and answered, and these effects were found. */
function allowed(allows: boolean, ...effects: readonly string[]): Partial<Observation> {
  const response = { ...message, otid: 'otid-2', text: 'ANSWER #1', allows }
  const told2 = { ...told, id: 'message-3', otid: 'otid-2', text: '', status: null }
  return {
    sent: [message, response],
    messages: [...kept.messages, { ...told2, type: 'approval_response_message' }],
    effects,
  }
}

const [said, answer] = kept.messages as [
  (typeof kept.messages)[number],
  (typeof kept.messages)[number],
]

describe('checkPromises()', () => {
  it('finds nothing where every promise was kept', () => {
    expect(broken({})).toEqual([])
  })

  it.each<[string, Partial<Observation>]>([
    ['no acknowledged message is lost', { messages: [answer] }],
    ['no message is stored twice', { messages: [said, said, answer] }],
    ['no message is stored twice', { messages: [said, answer, answer] }],
    ['every accepted run is answered or fails with a reason', { messages: [said] }],
    ['no run is left open', { runs: [run, { ...run, id: 'run-2', status: 'running' }] }],
    [
      'no run is left open',
      { runs: [run, { ...run, id: 'run-2', replay: [...frames, ...frames] }] },
    ],
    ['no call that must not be repeated runs twice', { effects: ['once #1', 'once #1'] }],
    ['no call that must not be repeated runs twice', allowed(true, 'guarded #1', 'guarded #1')],
    ['no guarded call runs without leave', { effects: ['guarded #1'] }],
    ['no guarded call runs without leave', allowed(false, 'guarded #1')],
    ['memory is edited exactly once', { blocks: { 'agent-1': 'Told #1. Told #1.' } }],
    ['memory is edited exactly once', { blocks: { 'agent-1': '' } }],
    ['streams go on without gap or repeat', { sent: [{ ...message, frames: frames.slice(1) }] }],
    [
      'streams go on without gap or repeat',
      { sent: [{ ...message, frames: [frames[1]!, frames[0]!] }] },
    ],
  ])('sees that "%s" was broken', (promise, change) => {
    expect(broken(change)).toEqual([promise])
  })

  it.each<[string, Parameters<typeof broken>]>([
    ['is not sent', [{}, []]],
    ['is sent twice', [{}, [...fired, ...fired]]],
    ['is not answered', [{}, fired.slice(0, 1)]],
    ['is counted twice', [{ schedules: kept.schedules.map((s) => ({ ...s, firedCount: 2 })) }]],
    ['waits for ever', [{ schedules: kept.schedules.map((s) => ({ ...s, state: 'active' })) }]],
  ])('notices a scheduled message that %s', (_name, given) => {
    expect(broken(...given)).toEqual(['each scheduled message is sent and answered once'])
  })

  it('lets a guarded call run once that was allowed', () => {
    expect(broken(allowed(true, 'guarded #1'))).toEqual([])
    expect(broken(allowed(false))).toEqual([])
  })

  it('lets a run fail, but not without saying why', () => {
    const failed = { ...run, status: 'failed', stopReason: 'llm_api_error' }
    const messages = [said]
    expect(broken({ messages, blocks: {}, runs: [{ ...failed, hasReason: true }] })).toEqual([])
    expect(broken({ messages, blocks: {}, runs: [failed] })).toEqual([
      'every accepted run is answered or fails with a reason',
    ])
  })
})
