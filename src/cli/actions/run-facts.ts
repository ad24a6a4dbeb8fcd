import type { AgentFacts, Fact, FactInput, MemoryChange } from '../../../sdk/src/index.ts'
import { toOneLine } from '../chat/terminal-text.ts'
import type { CliContext } from '../context.ts'
import { toChangeLine } from '../session/memory-notes.ts'
import { withClient } from '../session/open-client.ts'
import { chooseAgent } from '../session/open-session.ts'
import { printJson, printLines, shortTime, toColumns, dayIn, lastDayIn } from './print.ts'
import { tellListPage } from './tell-page.ts'

/** What all commands about facts are told. */
export interface FactCommandOptions {
  readonly agent: string | undefined
  readonly json: boolean
}

/** Lists facts. */
export async function listFacts(
  context: CliContext,
  options: FactCommandOptions & {
    readonly query: string
    readonly asOf: string | undefined
    readonly knownAt: string | undefined
    readonly all: boolean
    readonly limit: number
    readonly offset: number
  },
): Promise<void> {
  const { all: history, agent: _agent, json: _json, ...query } = options
  await withFacts(context, options, async (facts, timezone) => {
    const page = await facts.list({ ...query, history })
    if (options.json) return page
    if (page.reason !== null) context.stderr.write(`${page.reason}\n`)
    const place = tellListPage({ ...page, count: page.facts.length }, options)
    if (place !== '') context.stderr.write(`${place}\n`)
    return toColumns(page.facts.map((fact) => toRow(fact, timezone)))
  })
}

/** States a fact. */
export async function addFact(
  context: CliContext,
  options: FactCommandOptions & { readonly fact: FactInput },
): Promise<void> {
  await withFacts(context, options, async (facts) => {
    const stated = await facts.add(options.fact)
    if (options.json) return stated
    const contested = stated.current.filter((fact) => fact.contested)
    return [
      ...toChangeLines(stated.changes),
      ...contested.map(({ text, id }) => `contradiction: ${toOneLine(text, 100)}  [${id}]`),
    ]
  })
}

/** Shows what is true of an attribute, with its sources. */
export async function showFact(
  context: CliContext,
  options: FactCommandOptions & {
    readonly attribute: string
    readonly subject: string | undefined
    readonly asOf: string | undefined
  },
): Promise<void> {
  const { attribute, subject, asOf } = options
  await withFacts(context, options, async (facts, timezone) => {
    const page = await facts.list({ attribute, subject, asOf })
    if (options.json) return page
    if (page.facts.length === 0) {
      context.stderr.write(
        `Nothing is known to be true of "${attribute}" ${asOf === undefined ? 'now' : `as of ${asOf}`}; letta facts lists what is, letta facts history what was.\n`,
      )
    }
    return page.facts.flatMap((fact) => [
      `${toOneLine(fact.text, 200)}${fact.contested ? '  (contested)' : ''}${fact.trusted ? '' : '  (held back: letta memory review)'}`,
      `  ${timesOf(fact, timezone)}; from ${fact.origin}, stated by ${fact.actor.kind} (${fact.reason}) on ${shortTime(fact.recorded_at)}`,
      ...fact.source_message_ids.map((id) => `  source ${id}`),
      `  ${fact.id}`,
    ])
  })
}

/** Shows all values of an attribute. */
export async function showHistory(
  context: CliContext,
  options: FactCommandOptions & {
    readonly attribute: string
    readonly subject: string | undefined
  },
): Promise<void> {
  const { attribute, subject } = options
  const isId = /^fact-[0-9a-f-]{36}$/.test(attribute)
  await withFacts(context, options, async (facts, timezone) => {
    const found = await facts.history(isId ? { factId: attribute } : { attribute, subject })
    if (options.json) return found
    if (found.length === 0) context.stderr.write('Nothing was ever stated about it.\n')
    return toColumns(
      found.map((fact) => [
        toOneLine(fact.text, 80),
        timesOf(fact, timezone),
        `known ${shortTime(fact.recorded_at)} to ${fact.closed_at === null ? 'now' : shortTime(fact.closed_at)}`,
        `${fact.id} version ${fact.version}`,
      ]),
    )
  })
}

/** Takes a fact back. */
export async function removeFact(
  context: CliContext,
  options: FactCommandOptions & { readonly id: string },
): Promise<void> {
  await withFacts(context, options, async (facts) => {
    const changes = await facts.remove(options.id)
    return options.json ? changes : toChangeLines(changes)
  })
}

/** Changes as lines that name how to undo them. */
export function toChangeLines(changes: readonly MemoryChange[]): readonly string[] {
  if (changes.length === 0) return ['That is known already. Nothing was changed.']
  return changes.map(toChangeLine)
}

function toRow(fact: Fact, timezone: string): readonly string[] {
  return [
    toOneLine(fact.text, 100),
    timesOf(fact, timezone),
    [fact.contested ? 'contested' : '', fact.trusted ? '' : 'held back'].filter(Boolean).join(', '),
    fact.id,
  ]
}

function timesOf({ valid_from: from, valid_until: until }: Fact, timezone: string): string {
  const first = dayIn(from, timezone)
  return until === null ? `since ${first}` : `${first} to ${lastDayIn(until, timezone)}`
}

/**
 * Runs one of these commands on an agent's facts and prints what it returns: lines, or JSON. Days are of the agent's own zone,
 * which is the one that its commands read dates in.
 */
export async function withFacts(
  context: CliContext,
  options: FactCommandOptions,
  work: (facts: AgentFacts, timezone: string) => Promise<unknown>,
): Promise<void> {
  await withClient(context, async ({ client }) => {
    const agent = await chooseAgent({ client, agent: options.agent })
    const result = await work(client.facts(agent.id), agent.timezone ?? 'UTC')
    if (options.json) printJson(context, result)
    else printLines(context, result as readonly string[])
  })
}
