import type { Observation, SeenFrame, SentMessage, SettledRun } from './observation.ts'

/** A promise with what spoke against it. */
export interface CheckedPromise {
  readonly promise: string
  /** One line for each time it was broken. */
  readonly broken: readonly string[]
}

/** Holds what was seen against what is promised. */
export function checkPromises(seen: Observation): readonly CheckedPromise[] {
  return [
    { promise: 'no acknowledged message is lost', broken: lostMessages(seen) },
    { promise: 'no message is stored twice', broken: doubledMessages(seen) },
    { promise: 'every accepted run is answered or fails with a reason', broken: badEnds(seen) },
    { promise: 'no run is left open', broken: openRuns(seen) },
    { promise: 'no call that must not be repeated runs twice', broken: doubledEffects(seen) },
    { promise: 'no guarded call runs without leave', broken: effectsWithoutLeave(seen) },
    { promise: 'memory is edited exactly once', broken: wrongEdits(seen) },
    { promise: 'streams go on without gap or repeat', broken: brokenStreams(seen) },
    { promise: 'each scheduled message is sent and answered once', broken: wrongFirings(seen) },
  ]
}

/** The mark in a message's text that its answer, its edits and its effects carry. */
export function markOf(text: string): string {
  return /#[\w-]+/.exec(text)?.[0] ?? ''
}

function acknowledged({ sent }: Observation): readonly SentMessage[] {
  return sent.filter(({ runId }) => runId !== null)
}

function copies({ messages }: Observation, { otid, agentId, allows }: SentMessage): number {
  const type = allows === undefined ? 'user_message' : 'approval_response_message'
  return messages.filter(
    (message) => message.type === type && message.otid === otid && message.agentId === agentId,
  ).length
}

function lostMessages(seen: Observation): readonly string[] {
  return acknowledged(seen).flatMap((message) =>
    copies(seen, message) === 0 ? [`${message.otid} (${message.text}) is gone`] : [],
  )
}

function doubledMessages(seen: Observation): readonly string[] {
  const doubledInputs = seen.sent.flatMap((message) => {
    const times = copies(seen, message)
    return times > 1 ? [`${message.otid} is stored ${times} times`] : []
  })
  const doubledAnswers = seen.sent.flatMap(({ text, agentId }) => {
    const answers = seen.messages.filter(
      (message) =>
        message.type === 'assistant_message' &&
        message.agentId === agentId &&
        message.text.includes(`Done with ${markOf(text)}.`),
    ).length
    return answers > 1 ? [`${text} has ${answers} answers`] : []
  })
  return [...doubledInputs, ...doubledAnswers]
}

function badEnds(seen: Observation): readonly string[] {
  const runs = new Map(seen.runs.map((run) => [run.id, run]))
  return acknowledged(seen).flatMap(({ runId, text, agentId }) => {
    const run = runs.get(runId ?? '')
    if (run === undefined) return [`${text}: its run ${runId} is not known`]
    if (run.status === 'failed') return run.hasReason ? [] : [`${run.id} failed without a reason`]
    const isAnswered = seen.messages.some(
      (message) =>
        message.type === 'assistant_message' &&
        message.agentId === agentId &&
        message.text.includes(`Done with ${markOf(text)}.`),
    )
    return isAnswered ? [] : [`${text}: its run is ${run.status}, and it has no answer`]
  })
}

function openRuns({ runs }: Observation): readonly string[] {
  return runs.flatMap((run) => {
    const isEnded = ['completed', 'failed', 'cancelled'].includes(run.status)
    const ends = run.replay.filter(({ body }) => body.includes('"message_type":"stop_reason"'))
    return [
      ...(isEnded ? [] : [`${run.id} is ${run.status}`]),
      ...(ends.length === 1 ? [] : [`${run.id} has ${ends.length} ends`]),
    ]
  })
}

function doubledEffects({ effects }: Observation): readonly string[] {
  const once = effects.filter((line) => !line.startsWith('again '))
  const counts = new Map<string, number>()
  for (const line of once) counts.set(line, (counts.get(line) ?? 0) + 1)
  return [...counts].flatMap(([line, count]) =>
    count > 1 ? [`"${line}" was done ${count} times`] : [],
  )
}

function effectsWithoutLeave({ sent, effects }: Observation): readonly string[] {
  const allowed = sent.filter(({ allows }) => allows === true).map(({ text }) => markOf(text))
  return effects.flatMap((line) =>
    line.startsWith('guarded ') && !allowed.includes(markOf(line)) ? [`"${line}" was done`] : [],
  )
}

/** Every message that asked for an edit and was answered has left its mark once. */
function wrongEdits(seen: Observation): readonly string[] {
  const runs = new Map(seen.runs.map((run) => [run.id, run]))
  return acknowledged(seen).flatMap(({ text, agentId, runId }) => {
    if (!text.startsWith('REMEMBER')) return []
    if (runs.get(runId ?? '')?.status === 'failed') return []
    const marks = (seen.blocks[agentId] ?? '').split(`${markOf(text)}.`).length - 1
    return marks === 1 ? [] : [`${text} stands ${marks} times in memory`]
  })
}

function brokenStreams(seen: Observation): readonly string[] {
  const runs = new Map(seen.runs.map((run) => [run.id, run]))
  return acknowledged(seen).flatMap((message) => {
    const run = runs.get(message.runId ?? '')
    return run === undefined ? [] : compareStream(message.frames, run)
  })
}

function compareStream(frames: readonly SeenFrame[], run: SettledRun): readonly string[] {
  const expected = run.replay
  if (frames.length !== expected.length) {
    return [
      `${run.id}: ${frames.length} frames were read of ${expected.length}: ${outline(frames)} of ${outline(expected)}`,
    ]
  }
  const other = frames.findIndex(
    ({ seqId, body }, index) => seqId !== expected[index]?.seqId || body !== expected[index].body,
  )
  return other === -1 ? [] : [`${run.id}: frame ${other} is ${frames[other]?.body}`]
}

/** The numbers of frames and what kind each is, so that a gap can be told from a stream of another run. */
function outline(frames: readonly SeenFrame[]): string {
  return frames
    .map(({ seqId, body }) => `${seqId} ${/"message_type":"(\w+)"/.exec(body)?.[1] ?? '?'}`)
    .join(', ')
}

/** The otid of a scheduled message names its schedule. */
function wrongFirings({ schedules, messages }: Observation): readonly string[] {
  const agents = new Set(schedules.map(({ agentId }) => agentId))
  const own = messages.filter(({ agentId }) => agents.has(agentId))
  const answers = own.filter(({ type }) => type === 'assistant_message').length
  const wrong = schedules.flatMap(({ id, state, firedCount }) => {
    const sent = own.filter(
      ({ type, otid }) => type === 'user_message' && otid?.startsWith(`${id}:`) === true,
    ).length
    if (state === 'finished' && firedCount === 1 && sent === 1) return []
    return [`${id} is ${state}, counts ${firedCount} messages and has sent ${sent}`]
  })
  const unlike = `${schedules.length} scheduled messages have ${answers} answers`
  return [...wrong, ...(answers === schedules.length ? [] : [unlike])]
}
