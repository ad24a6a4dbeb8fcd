import { toOneLine } from '../chat/terminal-text.ts'
import type { CliContext } from '../context.ts'
import { dayIn, toColumns } from './print.ts'
import { type FactCommandOptions, withFacts } from './run-facts.ts'

/** Shows what happened, in its order. */
export async function runTimeline(
  context: CliContext,
  options: FactCommandOptions & {
    readonly query: string
    readonly from: string | undefined
    readonly to: string | undefined
    readonly newestFirst: boolean
    readonly limit: number
    readonly offset: number
  },
): Promise<void> {
  const { agent: _agent, json, ...query } = options
  await withFacts(context, options, async (facts, timezone) => {
    const timeline = await facts.timeline(query)
    if (json) return timeline
    const { entries, reason, cut, has_more: hasMore } = timeline
    const isAll =
      options.offset === 0 &&
      query.query === '' &&
      query.from === undefined &&
      query.to === undefined
    const nothing = isAll ? 'Nothing happened yet: nothing was said, stored or stated.' : reason
    if (reason !== null) context.stderr.write(`${nothing}\n`)
    const part =
      query.query === ''
        ? 'Only the newest were put in order; narrow the time, or name words.'
        : 'Only the best matches were put in order; narrow the words or the time.'
    if (cut) context.stderr.write(`${part}\n`)
    if (hasMore) context.stderr.write(`There is more: --skip ${options.offset + options.limit}\n`)
    return toColumns(
      entries.map(({ date, kind, role, phrase, text }) => [
        dayIn(date, timezone),
        role ?? kind,
        `${toOneLine(text, 160)}${phrase === null ? '' : `  (${phrase})`}`,
      ]),
    )
  })
}
