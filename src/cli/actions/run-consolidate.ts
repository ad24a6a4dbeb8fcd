import type {
  ConsolidationPolicy,
  ConsolidatorReport,
  MemoryConsolidation,
} from '../../../sdk/src/index.ts'
import { toOneLine } from '../chat/terminal-text.ts'
import { CliError } from '../cli-error.ts'
import type { CliContext } from '../context.ts'
import { toChangeLine } from '../session/memory-notes.ts'
import { withClient } from '../session/open-client.ts'
import { chooseAgent } from '../session/open-session.ts'
import { printJson, printLines } from './print.ts'

/** What `letta memory consolidate` was asked. */
export interface ConsolidateOptions {
  readonly agent: string | undefined
  readonly dryRun: boolean
  /** Leave the model out this time. */
  readonly withoutModel: boolean
  readonly policy: PolicyOptions
  readonly json: boolean
}

/** What is to be different from now on. */
export interface PolicyOptions {
  /** Tidy by itself after so many turns. */
  readonly every: number | undefined
  /** Tidy by itself after so many minutes without a turn. */
  readonly idle: number | undefined
  /** Not by itself any more. */
  readonly off: boolean
  /** What a model may take a day; 0 = none is asked. */
  readonly budget: number | undefined
  /** The model that is asked. */
  readonly model: string | undefined
}

/** Tidies an agent's memory now, or says when it is to be tidied by itself. */
export async function consolidateMemory(
  context: CliContext,
  options: ConsolidateOptions,
): Promise<void> {
  const { policy: wanted, withoutModel, dryRun, json } = options
  const { every, idle, off, budget, model } = wanted
  const isSchedule = every !== undefined || idle !== undefined
  const isPolicy = isSchedule || off || budget !== undefined || model !== undefined
  if ((isSchedule && off) || (isPolicy && (dryRun || withoutModel)) || (dryRun && withoutModel)) {
    throw new CliError(
      'Cannot consolidate: these options exclude each other. Give --every and --idle or --off with --budget and --model, or --dry-run, or --without-model.',
    )
  }
  await withClient(context, async ({ client }) => {
    const { id } = await chooseAgent({ client, agent: options.agent })
    const memory = client.memory(id)
    if (isPolicy) {
      const policy = await memory.setConsolidation(
        changePolicy(await memory.consolidation(), wanted),
      )
      if (json) printJson(context, policy)
      else printLines(context, [tellPolicy(policy)])
      return
    }
    const done = await memory.consolidate({ dryRun, withModel: !withoutModel })
    if (json) {
      printJson(context, done)
      return
    }
    printLines(context, tellConsolidation(done))
    const said = [
      summarise(done),
      ...tellUnread(done),
      tellModel(done.model),
      tellPolicy(await memory.consolidation()),
    ]
    context.stderr.write(`${said.filter((sentence) => sentence !== '').join(' ')}\n`)
  })
}

/** A policy with what is to be different: when it is done and what a model may take are apart from each other. */
function changePolicy(
  present: ConsolidationPolicy,
  { every, idle, off, budget, model }: PolicyOptions,
): ConsolidationPolicy {
  if (model !== undefined && !present.tokens_per_day && !budget) {
    throw new CliError(
      'Cannot ask a model: there is no budget for it. Add --budget with the tokens it may take a day.',
    )
  }
  const isSchedule = off || every !== undefined || idle !== undefined
  return {
    ...present,
    ...(isSchedule && { every_turns: every ?? null, after_idle_minutes: idle ?? null }),
    ...(budget !== undefined && { tokens_per_day: budget === 0 ? null : budget }),
    ...(budget === 0 && { model: null }),
    ...(model !== undefined && { model }),
  }
}

/** What came of asking a model; empty where nobody wanted one. */
function tellModel(model: ConsolidatorReport): string {
  const used = `${count(model.used_today)} of ${count(model.tokens_per_day ?? 0)} tokens of today are used`
  switch (model.state) {
    case 'off':
      return ''
    case 'not-asked':
      return `No model was asked: ${used}.`
    case 'unchanged':
      return 'No model was asked: there is nothing that it has not seen.'
    case 'spent':
      return `No model was asked: what is left of its budget does not suffice, ${used}. It begins anew at midnight UTC.`
    case 'failed':
      return `${model.reason ?? ''} It changed nothing; ${used}.`
    case 'asked': {
      const { refused } = model
      const dropped = refused === 0 ? '' : `; ${refused} of its ideas would have lost something`
      return `A model was asked for ${count(model.tokens)} tokens, ${used}${dropped}.`
    }
  }
}

function count(value: number): string {
  return value.toLocaleString('en-US')
}

/** What was changed, proposed, or would be, on a line each. */
export function tellConsolidation({
  dry_run: isPreview,
  found,
  changes,
  proposals,
}: MemoryConsolidation): readonly string[] {
  if (isPreview) return found.flatMap(({ notes }) => notes.map((note) => toOneLine(note, 160)))
  return [
    ...changes.map(toChangeLine),
    ...proposals.map(
      ({ id, notes }) => `to review: ${toOneLine(notes.join('; '), 100)}  [review ${id}]`,
    ),
  ]
}

/** Says how many texts were too old to be looked at, if any were. */
export function tellUnread({ unread }: Pick<MemoryConsolidation, 'unread'>): readonly string[] {
  return unread === 0 ? [] : [`${count(unread)} older texts of the archive were not looked at.`]
}

function summarise({
  found,
  changes,
  proposals,
  skipped,
  dry_run: isPreview,
}: MemoryConsolidation): string {
  const left =
    skipped === 0
      ? ''
      : ` ${skipped} left alone: taken back or rejected before, or waiting for your review.`
  if (found.length === 0) return `There is nothing to tidy.${left}`
  if (isPreview) return `${found.length} to tidy; nothing was changed.${left}`
  const made = changes.length === 1 ? '1 change.' : `${changes.length} changes.`
  if (proposals.length === 0) return `${made}${left}`
  const waiting = proposals.length === 1 ? '1 waits' : `${proposals.length} wait`
  return `${changes.length === 0 ? '' : `${made} `}${waiting} for your review.${left}`
}

function tellPolicy({
  every_turns: turns,
  after_idle_minutes: minutes,
  tokens_per_day: tokens,
  model,
}: ConsolidationPolicy): string {
  const when = [
    ...(turns === null ? [] : [`after every ${turns} turns`]),
    ...(minutes === null ? [] : [`after ${minutes} minutes without a turn`]),
  ]
  const asked =
    tokens === null
      ? ''
      : ` ${model ?? 'The model of the agent'} may take ${count(tokens)} tokens a day.`
  if (when.length === 0) return `It is not tidied by itself.${asked}`
  return `A server tidies it by itself ${when.join(' and ')}.${asked}`
}
