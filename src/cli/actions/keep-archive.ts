import { z } from 'zod'
import { CliError, usageError } from '../cli-error.ts'
import type { CliContext } from '../context.ts'
import { withClient } from '../session/open-client.ts'
import { chooseAgent } from '../session/open-session.ts'
import { printJson, printLines } from './print.ts'

/** What `letta archive keep` was asked. */
export interface KeepOptions {
  /** A number of days, or `forever`; absent = only show. */
  readonly days: string | undefined
  readonly tag: string | undefined
  readonly agent: string | undefined
  readonly json: boolean
}

/** What a server takes: a quarter of an hour to a hundred years. */
const fewestDays = 0.01
const mostDays = 36_500

const retentionSchema = z.object({
  days: z.number().nullable(),
  tags: z.record(z.string(), z.number()),
})

/** Shows or sets how long the texts of an agent's archive are kept. */
export async function keepArchive(context: CliContext, options: KeepOptions): Promise<void> {
  const { tag } = options
  const days = options.days === undefined ? undefined : toDays(options.days)
  await withClient(context, async ({ client }) => {
    const agent = await chooseAgent({ client, agent: options.agent })
    const page = await client.letta.archives.list({ agent_id: agent.id, limit: 1 })
    const archive = page.items[0]
    if (archive === undefined) {
      throw new CliError(
        `Cannot say how long texts are kept: the agent ${agent.name} has no archive yet. Add something first.`,
      )
    }
    const path = `/v1/archives/${archive.id}/retention`
    const present = retentionSchema.parse(await client.letta.get(path))
    const wanted = days === undefined ? present : change(present, { tag, days })
    const kept =
      days === undefined
        ? present
        : retentionSchema.parse(await client.letta.put(path, { body: wanted }))
    if (options.json) {
      printJson(context, kept)
      return
    }
    if (typeof days === 'number') {
      context.stderr.write(
        'A server forgets what is older than that for good, within the hour; that cannot be undone.\n',
      )
    }
    printLines(context, [
      `all texts  ${describe(kept.days)}`,
      ...Object.entries(kept.tags).map(([name, value]) => `tag ${name}  ${describe(value)}`),
    ])
  })
}

function change(
  { days: all, tags }: z.infer<typeof retentionSchema>,
  { tag, days }: { readonly tag: string | undefined; readonly days: number | null },
): z.infer<typeof retentionSchema> {
  if (tag === undefined) return { days, tags }
  const { [tag]: _former, ...others } = tags
  return { days: all, tags: days === null ? others : { ...others, [tag]: days } }
}

function toDays(text: string): number | null {
  if (text === 'forever') return null
  const days = Number(text)
  if (days >= fewestDays && days <= mostDays) return days
  throw usageError(
    `Cannot keep texts for ${JSON.stringify(text)}: give days, from ${fewestDays} to ${mostDays}, or forever.`,
  )
}

function describe(days: number | null): string {
  return days === null ? 'for ever' : `${days} ${days === 1 ? 'day' : 'days'}`
}
