import { fstatSync } from 'node:fs'
import type { Readable } from 'node:stream'
import { usageError } from '../cli-error.ts'
import type { CliContext } from '../context.ts'

/** How long a program that holds our standard input open has to write something, in milliseconds. */
const firstByteDeadlineMs = 500

/** After how long a silent pipe is mentioned, in milliseconds. */
const noticeAfterMs = 2000

const notText =
  'Cannot send the prompt: standard input is no text in UTF-8. Convert it to text first, for instance with iconv.'

/** Joins the prompt of the arguments with the text of standard input: first what is asked, then what it is about. */
export function combinePrompt(words: readonly string[], input: string): string {
  const parts = [words.join(' '), input].map((part) => part.trim())
  return parts.filter((part) => part !== '').join('\n\n')
}

/**
 * The prompt of a headless command.
 *
 * @throws CliError with the exit code for wrong use when it is empty or no text.
 */
export async function readPrompt(context: CliContext, words: readonly string[]): Promise<string> {
  const input = context.terminal.stdin ? '' : await readInput(context, words.join('') !== '')
  const prompt = combinePrompt(words, input)
  if (prompt !== '') return prompt
  throw usageError(
    'Cannot send the prompt: it is empty. Write it after -p, or pipe it into standard input.',
  )
}

/**
 * Reads standard input to its end. A shell's pipe is waited for; a socket, which is how other programs hold the input
 * open without ever using it, is given up after a moment of silence when there is a prompt already.
 */
async function readInput(context: CliContext, hasWords: boolean): Promise<string> {
  const { stdin, stderr } = context
  const givesUp = hasWords && isSocket(stdin)
  const notice = setTimeout(() => {
    stderr.write('Waiting for standard input; end it with Ctrl-D, or add `< /dev/null`.\n')
  }, noticeAfterMs)
  try {
    const input = await readAll(stdin, givesUp ? firstByteDeadlineMs : null)
    if (input === null) stderr.write('Nothing came on standard input; going on without it.\n')
    return input ?? ''
  } finally {
    clearTimeout(notice)
  }
}

/** All of the input; null when its first byte did not come in time. */
function readAll(stdin: Readable, deadlineMs: number | null): Promise<string | null> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    const giveUp = () => {
      stdin.destroy()
      resolve(null)
    }
    const timer = deadlineMs === null ? undefined : setTimeout(giveUp, deadlineMs)
    stdin.on('data', (chunk: Buffer | string) => {
      clearTimeout(timer)
      chunks.push(Buffer.from(chunk))
    })
    stdin.once('end', () => {
      clearTimeout(timer)
      try {
        resolve(new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks)))
      } catch {
        reject(usageError(notText))
      }
    })
    stdin.once('error', reject)
  })
}

function isSocket(stdin: Readable): boolean {
  if (!('fd' in stdin) || typeof stdin.fd !== 'number') return false
  return fstatSync(stdin.fd).isSocket()
}
