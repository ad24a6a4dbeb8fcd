import { createInterface } from 'node:readline'
import type { CliContext } from './context.ts'

/** Asks a question on the terminal; only `y` and `yes` are a yes. */
export async function askYesNo(context: CliContext, question: string): Promise<boolean> {
  const reader = createInterface({ input: context.stdin })
  context.stderr.write(`${question} [y/N] `)
  try {
    for await (const line of reader) return /^\s*y(es)?\s*$/i.test(line)
    return false
  } finally {
    reader.close()
  }
}
