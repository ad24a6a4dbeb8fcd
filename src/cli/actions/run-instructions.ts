import { toOneLine } from '../chat/terminal-text.ts'
import type { CliContext } from '../context.ts'
import { lastDayIn, toColumns } from './print.ts'
import { type FactCommandOptions, toChangeLines, withFacts } from './run-facts.ts'

/** Lists standing instructions. */
export async function listInstructions(
  context: CliContext,
  options: FactCommandOptions,
): Promise<void> {
  await withFacts(context, options, async (facts, timezone) => {
    const found = await facts.instructions()
    if (options.json) return found
    if (found.length === 0) {
      context.stderr.write(
        'There are no standing instructions; "letta instructions add" gives one.\n',
      )
    }
    return toColumns(
      found.map(({ id, text, valid_until: until }) => [
        id,
        until === null ? '' : `until ${lastDayIn(until, timezone)}`,
        toOneLine(text, 200),
      ]),
    )
  })
}

/** Gives a standing instruction. */
export async function addInstruction(
  context: CliContext,
  options: FactCommandOptions & { readonly text: string; readonly until: string | undefined },
): Promise<void> {
  const { text, until } = options
  await withFacts(context, options, async (facts) => {
    const stated = await facts.instruct({ text, until })
    return options.json ? stated : toChangeLines(stated.changes)
  })
}

/** Takes a standing instruction back. */
export async function removeInstruction(
  context: CliContext,
  options: FactCommandOptions & { readonly id: string },
): Promise<void> {
  await withFacts(context, options, async (facts) => {
    const changes = await facts.removeInstruction(options.id)
    return options.json ? changes : toChangeLines(changes)
  })
}
