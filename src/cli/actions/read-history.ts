import { hash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { z } from 'zod'
import { isSystemError, systemReason } from '../../errors/system-reason.ts'
import { CliError } from '../cli-error.ts'

/** What every line must have; the rest is checked by the server. */
const lineSchema = z.looseObject({
  role: z.enum(['user', 'assistant']),
  content: z.union([z.string(), z.array(z.unknown())]),
  otid: z.string().optional(),
})

/** A message of a file, as the API takes it. */
export type HistoryLine = z.infer<typeof lineSchema> & { readonly otid: string }

/**
 * The messages of a file with one JSON object a line, in its order; empty lines are passed over.
 *
 * A line without an otid gets one made of its text and of how often the file had it before, so that the same file gives
 * the same otids again. Rejects with a {@link CliError} that names the line when one is no message, and when the file
 * cannot be read.
 */
export async function readHistory(path: string): Promise<readonly HistoryLine[]> {
  const messages: HistoryLine[] = []
  const occurrences = new Map<string, number>()
  let number = 0
  try {
    for await (const line of createInterface({ input: createReadStream(path, 'utf8') })) {
      number += 1
      const text = (number === 1 ? line.replace(/^\uFEFF/, '') : line).trim()
      if (text === '') continue
      const message = parseLine(text, number)
      const digest = hash('sha256', text, 'hex').slice(0, 40)
      const count = occurrences.get(digest) ?? 0
      occurrences.set(digest, count + 1)
      messages.push({ ...message, otid: message.otid ?? `line-${digest}-${count}` })
    }
  } catch (error) {
    if (!isSystemError(error)) throw error
    throw new CliError(`Cannot read ${path}: ${systemReason(error)}. Check the path.`)
  }
  return messages
}

function parseLine(text: string, number: number): z.infer<typeof lineSchema> {
  const parsed = lineSchema.safeParse(parseJson(text))
  if (parsed.success) return parsed.data
  throw new CliError(
    `Cannot import line ${number}: it is no message. Each line is a JSON object with "role" (user or assistant) ` +
      'and "content"; nothing was imported.',
  )
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
