import { z } from 'zod'
import type { Client } from '../../../sdk/src/index.ts'
import { CliError, usageError } from '../cli-error.ts'
import type { CliContext } from '../context.ts'
import { withClient } from '../session/open-client.ts'
import { chooseAgent } from '../session/open-session.ts'
import { printJson, printLines, shortTime, toColumns } from './print.ts'
import { readHistory } from './read-history.ts'

/** How many messages are stored at a time, in one transaction. */
const batchSize = 500

/** What `letta import` was asked. */
export interface ImportOptions {
  readonly file: string | undefined
  readonly agent: string | undefined
  /** Whether to list the imports instead. */
  readonly list: boolean
  /** The import to take back instead. */
  readonly undo: string | undefined
  readonly json: boolean
}

const batchSchema = z.object({
  import_id: z.string().nullable(),
  stored: z.number(),
  known: z.number(),
  forgotten: z.number(),
  redacted: z.number(),
})

const importsSchema = z.array(
  z.object({ import_id: z.string(), message_count: z.number(), imported_at: z.string() }),
)

/** An agent whose history it is, with the way to it. */
interface Target {
  readonly client: Client
  readonly root: string
}

/** Brings a history in, lists what was brought in, or takes it back. */
export async function runImport(context: CliContext, options: ImportOptions): Promise<void> {
  const wanted = [options.file, options.undo, options.list || undefined]
  if (wanted.filter((value) => value !== undefined).length !== 1) {
    throw usageError('Cannot import: give exactly one of a file, --list and --undo.')
  }
  await withClient(context, async ({ client }) => {
    const agent = await chooseAgent({ client, agent: options.agent })
    const target = { client, root: `/v1/agents/${agent.id}/messages/import` }
    if (options.undo !== undefined) {
      await client.letta.delete(`${target.root}/${encodeURIComponent(options.undo)}`)
      context.stderr.write(
        `Took ${options.undo} back. Facts and archived texts that rested on it alone went with it; \`letta memory log\` shows them, and \`letta memory undo\` brings them back.\n`,
      )
    } else if (options.list) await listImports(context, target, options)
    else await importFile(context, target, options)
  })
}

async function importFile(
  context: CliContext,
  { client, root }: Target,
  { file = '', json }: ImportOptions,
): Promise<void> {
  const messages = await readHistory(file)
  if (messages.length === 0) {
    throw new CliError(`Cannot import ${file}: it holds no message. Nothing was imported.`)
  }
  const sum = {
    import_id: null as string | null,
    stored: 0,
    known: 0,
    forgotten: 0,
    redacted: 0,
  }
  let start = 0
  while (start < messages.length) {
    // The first goes alone: if it is known, the answer names the import to go on with.
    const part = messages.slice(start, start === 0 ? 1 : start + batchSize)
    const body = { messages: part, ...(sum.import_id !== null && { import_id: sum.import_id }) }
    const batch = batchSchema.parse(await client.letta.post(root, { body }))
    sum.import_id ??= batch.import_id
    sum.stored += batch.stored
    sum.known += batch.known
    sum.forgotten += batch.forgotten
    sum.redacted += batch.redacted
    start += part.length
    context.stderr.write(`${start} of ${messages.length} messages\n`)
  }
  if (json) printJson(context, sum)
  else printLines(context, sum.import_id === null ? [] : [sum.import_id])
  context.stderr.write(`${describeImport(sum)}\n`)
}

function describeImport(sum: z.infer<typeof batchSchema>): string {
  const { import_id: id, stored, known, forgotten, redacted } = sum
  return [
    `Stored ${stored}; ${known - forgotten} were there before; ${redacted} secrets were taken out.`,
    ...(forgotten === 0
      ? []
      : [`${forgotten} had been forgotten and stay away; with another "otid" they come in again.`]),
    ...(id === null ? [] : [`\`letta import --undo ${id}\` takes the import back.`]),
  ].join(' ')
}

async function listImports(
  context: CliContext,
  { client, root }: Target,
  { json }: ImportOptions,
): Promise<void> {
  const imports = importsSchema.parse(await client.letta.get(root))
  if (json) {
    printJson(context, imports)
    return
  }
  if (imports.length === 0) {
    context.stderr.write('Nothing was imported yet. `letta import <file>` brings a history in.\n')
  }
  printLines(
    context,
    toColumns(
      imports.map((each) => [
        each.import_id,
        `${each.message_count} messages`,
        shortTime(each.imported_at),
      ]),
    ),
  )
}
