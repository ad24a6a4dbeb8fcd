import { hash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { resolve } from 'node:path'
import type { Readable } from 'node:stream'
import { z } from 'zod'
import { isSystemError, systemReason } from '../../errors/system-reason.ts'
import { CliError } from '../cli-error.ts'
import { isDatabaseFile } from './read-texts.ts'
import { readableTimes, readTime } from './read-time.ts'
import { parseJson } from '../../util/parse-json.ts'

const createdAt = z.lazy(() =>
  z.union([z.string(), z.number()]).transform((value, context) => {
    const time = readTime(value)
    if (time !== null) return time
    context.addIssue(`cannot be read as a time. ${readableTimes}`)
    return z.NEVER
  }),
)

/** A line, as strict as the API is. What is null in an export is not there. */
const lineSchema = z.lazy(() =>
  z.strictObject({
    role: z.enum(['user', 'assistant']),
    content: z.union([
      z.string(),
      z.array(z.strictObject({ type: z.literal('text'), text: z.string() })),
    ]),
    name: z.string().min(1).max(100).nullish(),
    created_at: createdAt.nullish(),
    session: z.string().min(1).max(200).nullish(),
    otid: z.string().min(1).max(200).nullish(),
  }),
)

/** A message of a file, as the API takes it. */
export type HistoryLine = z.infer<typeof lineSchema> & { readonly otid: string }

/** Where a history is read from. */
export interface HistorySource {
  /** The folder that paths start from. */
  readonly folder: string
  readonly stdin: Readable
}

/**
 * The messages of a file (`-` = standard input) with one JSON object a line, in its order; empty lines are passed over.
 *
 * A line without an otid gets one made of its text and of how often the file had it before, so that the same file gives
 * the same otids again. Rejects with a {@link CliError} that names the line when one is no message, and when the file
 * cannot be read or is no text in UTF-8.
 */
export async function readHistory(
  path: string,
  source: HistorySource,
): Promise<readonly HistoryLine[]> {
  const messages: HistoryLine[] = []
  const occurrences = new Map<string, number>()
  let number = 0
  for await (const line of readLines(path, source)) {
    number += 1
    const text = line.trim()
    if (text === '') continue
    const message = parseLine(text, number)
    const digest = hash('sha256', text, 'hex').slice(0, 40)
    const count = occurrences.get(digest) ?? 0
    occurrences.set(digest, count + 1)
    messages.push({ ...message, otid: message.otid ?? `line-${digest}-${count}` })
  }
  return messages
}

/** The lines of a file, without a mark of byte order before the first. */
async function* readLines(
  path: string,
  { folder, stdin }: HistorySource,
): AsyncGenerator<string, void> {
  const location = resolve(folder, path)
  if (isDatabaseFile(location)) throw notText(path)
  const decoder = new TextDecoder('utf-8', { fatal: true })
  let rest = ''
  try {
    for await (const chunk of path === '-' ? stdin : createReadStream(location)) {
      const bytes = Buffer.from(chunk as Buffer | string)
      const [first = '', ...others] = decoder.decode(bytes, { stream: true }).split('\n')
      rest += first
      for (const other of others) {
        yield rest
        rest = other
      }
    }
    yield rest + decoder.decode()
  } catch (error) {
    if (error instanceof TypeError && 'code' in error) throw notText(path)
    if (!isSystemError(error)) throw error
    throw new CliError(`Cannot read ${path}: ${systemReason(error)}. Check the path.`)
  }
}

function notText(path: string): CliError {
  return new CliError(
    `Cannot import ${path}: it is no text in UTF-8. Convert it first, for instance with iconv; nothing was imported.`,
  )
}

function parseLine(text: string, number: number): z.infer<typeof lineSchema> {
  const json = parseJson(text)
  const parsed = lineSchema.safeParse(json)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  const place = issue?.path.join('.') ?? ''
  const isMessage = typeof json === 'object' && json !== null && 'role' in json && 'content' in json
  const why =
    isMessage && issue !== undefined
      ? `${place === '' ? '' : `"${place}" `}${lowerFirst(issue.message)}`
      : text.startsWith('[')
        ? 'it begins a list in JSON, which jq -c ".[]" makes lines of'
        : 'it is no message'
  throw new CliError(
    `Cannot import line ${number}: ${why}. Each line is a JSON object with "role" (user or assistant), "content" ` +
      `and, if known, "name", "created_at", "session" and "otid"; nothing was imported.`,
  )
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1)
}
