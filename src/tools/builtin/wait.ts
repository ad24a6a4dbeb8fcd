import { z } from 'zod'
import { AppError } from '../../errors/app-error.ts'
import { parseRangeEnd } from '../../memory/zoned-time.ts'
import type { WaitPlan, WaitTool } from '../tool.ts'

const parameters = z.lazy(() =>
  z.object({
    seconds: z
      .number()
      .positive()
      .optional()
      .describe('How long to wait, in seconds. With `signal`: how long at most.'),
    until: z
      .string()
      .optional()
      .describe(
        'A time to wait for, such as "2026-03-01" or "2026-03-01T08:30", read in your time zone. With `signal`: until when at most.',
      ),
    signal: z
      .string()
      .min(1)
      .max(200)
      .optional()
      .describe('The name of a signal from outside to wait for, such as "payment-received".'),
  }),
)

/** The longest wait, in milliseconds: ten years. */
const longestWait = 10 * 365 * 24 * 3_600_000

/** Rests the turn until a time, for a while, or until a signal comes from outside. */
export const wait: WaitTool<z.infer<typeof parameters>> = {
  kind: 'wait',
  name: 'wait',
  description:
    'Rest until a time, for some seconds, or until somebody outside sends the named signal; then go on with what you were doing. It may be seconds or months, and costs nothing meanwhile. The result says how long it was and what came with the signal. Give `seconds` or `until`, `signal`, or a signal with one of them as its deadline.',
  parameters,
  tags: ['letta_runtime'],
  toolType: 'letta_builtin',
  parallel: false,
  returnLimit: 20_000,
  plan({ seconds, until, signal }, { now, timezone }): WaitPlan {
    if (seconds !== undefined && until !== undefined) {
      throw refuse('both seconds and until are given. Give one of them.')
    }
    const given =
      seconds === undefined ? readUntil(until, timezone) : now + Math.ceil(seconds * 1000)
    if (given !== null && given - now > longestWait) {
      throw refuse('that is more than ten years away. Choose an earlier time.')
    }
    if (signal !== undefined) return { kind: 'signal', name: signal, until: given }
    if (given === null) {
      throw refuse('nothing is given to wait for. Give seconds, until, or signal.')
    }
    return { kind: 'timer', until: given }
  },
}

function readUntil(text: string | undefined, timezone: string): number | null {
  return text === undefined ? null : parseRangeEnd({ text, name: 'until', timezone }, 'start')
}

function refuse(why: string): AppError {
  return new AppError('invalid_argument', `Cannot wait: ${why}`)
}
