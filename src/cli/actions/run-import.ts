import { z } from 'zod'
import type { Client } from '../../../sdk/src/index.ts'
import { CliError, usageError } from '../cli-error.ts'
import type { CliContext } from '../context.ts'
import { describeError } from '../describe-error.ts'
import { withClient } from '../session/open-client.ts'
import { chooseAgent } from '../session/open-session.ts'
import { counted, printJson, printLines, shortTime, toColumns } from './print.ts'
import { readHistory, type HistoryLine } from './read-history.ts'

/** The most that is stored at a time, in one transaction: messages, and characters of their JSON, which a request can carry. */
const batchSize = 500
const batchLength = 1_000_000

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
  const messages = await readHistory(file, context)
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
    const part = messages.slice(start, start === 0 ? 1 : endOfBatch(messages, start))
    const body = { messages: part, ...(sum.import_id !== null && { import_id: sum.import_id }) }
    const batch = await postBatch(client, root, {
      body,
      place: [start, part.length, messages.length],
    })
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

/** Stores a batch; a failure tells which messages it is about, and what is in already. */
async function postBatch(
  client: Client,
  root: string,
  given: {
    readonly body: object
    readonly place: readonly [start: number, count: number, all: number]
  },
): Promise<z.infer<typeof batchSchema>> {
  try {
    return batchSchema.parse(await client.letta.post(root, { body: given.body }))
  } catch (error) {
    const [start, count, all] = given.place
    const { message, exitCode } = describeError(error)
    const which = count === 1 ? `message ${start + 1}` : `messages ${start + 1} to ${start + count}`
    throw new CliError(
      `${message} This was ${which} of ${all}; the ${start} before are in, and the file can be imported again.`,
      exitCode,
    )
  }
}

/** Where a batch ends that begins at a message: with this one, at least. */
function endOfBatch(messages: readonly HistoryLine[], start: number): number {
  let end = start
  let length = 0
  while (end < messages.length && end - start < batchSize) {
    length += JSON.stringify(messages[end]).length
    if (end > start && length > batchLength) break
    end += 1
  }
  return end
}

function describeImport(sum: z.infer<typeof batchSchema>): string {
  const { import_id: id, stored, known, forgotten, redacted } = sum
  return [
    `Stored ${stored}; there before: ${known - forgotten}; secrets taken out: ${redacted}.`,
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
        counted(each.message_count, 'message'),
        shortTime(each.imported_at),
      ]),
    ),
  )
}
