import { createHash } from 'node:crypto'
import { resolve } from 'node:path'
import type { AgentDocuments, ArchiveDocument } from '../../../sdk/src/index.ts'
import { toOneLine, toTerminalText } from '../chat/terminal-text.ts'
import { CliError, usageError } from '../cli-error.ts'
import type { CliContext } from '../context.ts'
import { describeError } from '../describe-error.ts'
import { withClient } from '../session/open-client.ts'
import { chooseAgent } from '../session/open-session.ts'
import { counted, printJson, printLines, shortTime, toColumns } from './print.ts'
import { readableTimes, readTime } from './read-time.ts'
import { findTexts, readText, type TextFile } from './read-texts.ts'

/** What all of these commands are told. */
export interface ArchiveOptions {
  readonly agent: string | undefined
  readonly json: boolean
}

/** What `letta archive add` was asked. */
export interface AddOptions extends ArchiveOptions {
  readonly paths: readonly string[]
  readonly tags: readonly string[]
  readonly date: string | undefined
  /** Whether earlier texts of the same files go. */
  readonly replace: boolean
}

/** The most characters of one request; a longer file comes in as several documents. */
const longestText = 1_000_000

/** What came of an addition so far. */
interface Sum {
  readonly addition_id: string
  files: number
  passages: number
  stored: number
  redacted: number
  readonly failed: string[]
}

/** Brings files, folders or standard input in. What cannot be read is named; the rest goes on. */
export async function addToArchive(context: CliContext, options: AddOptions): Promise<void> {
  const date = options.date === undefined ? undefined : toTime(options.date)
  const { files, problems } = findTexts(options.paths, context.folder)
  const additionId = toAdditionId(context, options)
  const sum: Sum = {
    addition_id: additionId,
    files: 0,
    passages: 0,
    stored: 0,
    redacted: 0,
    failed: [],
  }
  for (const problem of problems) report(context, sum, problem)
  await withDocuments(context, options, async (documents) => {
    const before = options.replace ? await documents.list() : []
    for (const [index, file] of files.entries()) {
      await addFile(context, { documents, before, file, sum, date, tags: options.tags })
      context.stderr.write(
        `${index + 1} of ${counted(files.length, 'file')}, ${sum.stored} of ${counted(sum.passages, 'piece')} new\n`,
      )
    }
    const isThere = sum.stored > 0 || (sum.files > 0 && (await has(documents, additionId)))
    if (options.json) printJson(context, { ...sum, addition_id: isThere ? additionId : null })
    else if (isThere) printLines(context, [additionId])
    if (sum.redacted > 0) context.stderr.write(`Secrets taken out: ${sum.redacted}.\n`)
    if (isThere) {
      context.stderr.write(`\`letta archive remove ${additionId}\` takes all of it out again.\n`)
    } else if (sum.files > 0) {
      context.stderr.write('Nothing is new: all of it was brought in before.\n')
    }
  })
  if (sum.failed.length > 0) {
    throw new CliError(`Cannot add ${sum.failed.length} of ${sum.failed.length + sum.files} files.`)
  }
}

/** Whether an addition has texts: what another one brought in before belongs to that. */
async function has(documents: AgentDocuments, additionId: string): Promise<boolean> {
  return (await documents.list()).some((each) => each.addition_id === additionId)
}

/** Lists the texts of an archive. */
export async function listArchive(context: CliContext, options: ArchiveOptions): Promise<void> {
  await withDocuments(context, options, async (documents) => {
    const found = await documents.list()
    if (options.json) {
      printJson(context, found)
      return
    }
    if (found.length === 0) {
      context.stderr.write('Nothing was brought in yet. `letta archive add <file>` does.\n')
    }
    printLines(context, toColumns(found.map(toRow)))
  })
}

/** Prints the pieces of a text. */
export async function showDocument(
  context: CliContext,
  options: ArchiveOptions & { readonly id: string },
): Promise<void> {
  await withDocuments(context, options, async (documents) => {
    const pieces = await documents.get(options.id)
    if (options.json) printJson(context, pieces)
    else printLines(context, pieces.flatMap(({ text }) => [toTerminalText(text), '']).slice(0, -1))
  })
}

/** Takes a text or a whole addition out. */
export async function removeDocument(
  context: CliContext,
  options: ArchiveOptions & { readonly id: string },
): Promise<void> {
  await withDocuments(context, options, async (documents) => {
    const removed = await documents.remove(options.id)
    if (options.json) printJson(context, { id: options.id, removed })
    else context.stderr.write(`Took ${counted(removed, 'piece')} out.\n`)
  })
}

async function addFile(
  context: CliContext,
  given: {
    readonly documents: AgentDocuments
    readonly before: readonly ArchiveDocument[]
    readonly file: TextFile
    readonly sum: Sum
    readonly date: string | undefined
    readonly tags: readonly string[]
  },
): Promise<void> {
  const { documents, before, file, sum, date, tags } = given
  try {
    const text = await readText(file, context.stdin)
    const createdAt = date ?? file.changedAt
    const texts = cutText(text)
    const added = new Set<string>()
    for (const [index, part] of texts.entries()) {
      const document = await documents.add({
        path: texts.length === 1 ? file.path : `${file.path} (${index + 1} of ${texts.length})`,
        text: part,
        additionId: sum.addition_id,
        tags,
        createdAt,
      })
      added.add(document.id)
      sum.passages += document.passages
      sum.stored += document.stored
      sum.redacted += document.redacted
    }
    for (const { id, path } of before) {
      const isSameFile = path === file.path || path.startsWith(`${file.path} (`)
      if (isSameFile && !added.has(id)) await documents.remove(id)
    }
    sum.files += 1
  } catch (error) {
    report(context, sum, describeError(error).message)
  }
}

/** A text in parts that a request can carry, cut behind lines where there are any. */
function cutText(text: string): readonly string[] {
  const parts: string[] = []
  let rest = text
  while (rest.length > longestText) {
    const end =
      1 + Math.max(rest.lastIndexOf('\n', longestText), rest.lastIndexOf(' ', longestText))
    const length = end > longestText / 2 ? end : longestText
    parts.push(rest.slice(0, length).toWellFormed())
    rest = rest.slice(length)
  }
  return [...parts, rest].filter((part) => part.trim() !== '')
}

function report(context: CliContext, sum: Sum, problem: string): void {
  sum.failed.push(problem)
  context.stderr.write(`${problem}\n`)
}

async function withDocuments(
  context: CliContext,
  options: ArchiveOptions,
  work: (documents: AgentDocuments) => Promise<void>,
): Promise<void> {
  await withClient(context, async ({ client }) => {
    const agent = await chooseAgent({ client, agent: options.agent })
    await work(client.documents(agent.id))
  })
}

/** The same for the same paths, so that an addition that was interrupted goes on under its id. */
function toAdditionId({ folder }: CliContext, { paths }: AddOptions): string {
  const places = paths.map((path) => (path === '-' ? '-' : resolve(folder, path))).toSorted()
  return `add-${createHash('sha256').update(places.join('\n')).digest('hex').slice(0, 16)}`
}

function toTime(text: string): string {
  const time = readTime(text)
  if (time === null) {
    throw usageError(`Cannot read the date ${JSON.stringify(text)}. ${readableTimes}.`)
  }
  return time
}

function toRow(document: ArchiveDocument): readonly string[] {
  return [
    document.id,
    shortTime(document.created_at),
    counted(document.passage_count, 'piece'),
    document.addition_id,
    document.tags.join(','),
    toOneLine(document.path, 80),
  ]
}
