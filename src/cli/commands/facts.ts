import { Command, type CommandUnknownOpts } from '@commander-js/extra-typings'
import type { CliContext } from '../context.ts'
import { wholeNumber } from '../count-option.ts'
import { addDefaultCommand } from '../default-command.ts'
import { examples } from '../examples.ts'

const agentFlag = '-a, --agent <id|name>'
const agentText = 'the agent (default: your own default agent)'

/** `letta facts`: what an agent knows to be true, now and at other times. */
export function createFactsCommand(context: CliContext): CommandUnknownOpts {
  const command = new Command('facts')
    .description('Show, state and take back facts; a new value ends the one before by itself.')
    .addHelpText(
      'after',
      examples([
        ['letta facts', 'what is true now'],
        ['letta facts add "base images" Alpine', 'state something'],
        ['letta facts history "base images"', 'what it was, and when that was known'],
      ]),
    )
  addDefaultCommand(command, createList(context))
  for (const create of [createAdd, createShow, createHistory, createRemove]) {
    command.addCommand(create(context))
  }
  return command
}

function createList(context: CliContext): CommandUnknownOpts {
  return new Command('list')
    .description('List facts that are true now, or were at another time.')
    .argument('[query...]', 'words to look for')
    .option('--as-of <time>', 'what was true then, such as 2026-03-01 or "last month"')
    .option('--known-at <time>', 'as it was known then, whatever was learnt since')
    .option('--all', 'former and future values, too')
    .option('--limit <number>', 'how many', wholeNumber(1, 500), 50)
    .option('--skip <number>', 'how many to pass over', wholeNumber(0, 99_999), 0)
    .option(agentFlag, agentText)
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      examples([
        ['letta facts', 'what is true now'],
        ['letta facts list --as-of "March 2026"', 'what was true at the end of March'],
        ['letta facts list base images --all', 'with former values'],
      ]),
    )
    .action(async (query, { asOf, knownAt, all = false, limit, skip, agent, json = false }) => {
      const { listFacts } = await import('../actions/run-facts.ts')
      const page = { limit, offset: skip }
      await listFacts(context, { query: query.join(' '), asOf, knownAt, all, ...page, agent, json })
    })
}

function createAdd(context: CliContext): CommandUnknownOpts {
  return new Command('add')
    .description('State a fact. What was true before stays known as the past.')
    .argument('<attribute>', 'what about the subject, such as "base images"')
    .argument('<value>', 'its value, such as Alpine')
    .option('--subject <name>', 'whom or what it is about (default: you)')
    .option('--since <time>', 'since when it is true (default: now)')
    .option('--until <time>', 'until when it is or was true, inclusive')
    .option('--additional', 'it stands beside other values')
    .option('--correct', 'what was known for that time was wrong')
    .option(agentFlag, agentText)
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      examples([
        ['letta facts add "base images" Alpine', 'from now on'],
        ['letta facts add city Lisbon --since "March 2026"', 'since March'],
        ['letta facts add language Dutch --additional', 'one more'],
      ]),
    )
    .action(async (attribute, value, options) => {
      const { subject, since, until, additional = false, correct = false } = options
      const { addFact } = await import('../actions/run-facts.ts')
      await addFact(context, {
        fact: { attribute, value, subject, since, until, additional, correction: correct },
        agent: options.agent,
        json: options.json === true,
      })
    })
}

function createShow(context: CliContext): CommandUnknownOpts {
  return new Command('show')
    .description('Show what is true of an attribute now, with its sources.')
    .argument('<attribute>', 'such as "base images"')
    .option('--subject <name>', 'whom or what it is about (default: you)')
    .option('--as-of <time>', 'what was true then')
    .option(agentFlag, agentText)
    .option('--json', 'print JSON')
    .addHelpText('after', examples([['letta facts show city', 'and where it is known from']]))
    .action(async (attribute, { subject, asOf, agent, json = false }) => {
      const { showFact } = await import('../actions/run-facts.ts')
      await showFact(context, { attribute, subject, asOf, agent, json })
    })
}

function createHistory(context: CliContext): CommandUnknownOpts {
  return new Command('history')
    .description('Show every value an attribute had, and when each was known.')
    .argument('<attribute|id>', 'an attribute, or the id of a fact')
    .option('--subject <name>', 'whom or what it is about (default: you)')
    .option(agentFlag, agentText)
    .option('--json', 'print JSON')
    .addHelpText('after', examples([['letta facts history city', 'all places, with their times']]))
    .action(async (attribute, { subject, agent, json = false }) => {
      const { showHistory } = await import('../actions/run-facts.ts')
      await showHistory(context, { attribute, subject, agent, json })
    })
}

function createRemove(context: CliContext): CommandUnknownOpts {
  return new Command('remove')
    .description('Take a fact back as if it had not been stated; it can be undone.')
    .argument('<id>', 'the id of the fact')
    .option(agentFlag, agentText)
    .option('--json', 'print JSON')
    .addHelpText('after', examples([['letta facts remove fact-…', '"letta facts" shows the ids']]))
    .action(async (id, { agent, json = false }) => {
      const { removeFact } = await import('../actions/run-facts.ts')
      await removeFact(context, { id, agent, json })
    })
}
