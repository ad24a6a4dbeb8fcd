import assert from 'node:assert/strict'

/** One thing to prove: throws when it does not hold; returns why it was skipped, if it was. */
export interface Check {
  readonly name: string
  run(): Promise<string | undefined> | string | undefined | Promise<void> | void
}

/** How many checks ended how. */
export interface Counts {
  passed: number
  failed: number
  skipped: number
}

/** Runs checks in order, each whatever became of the one before, and writes a line for each. */
export async function runChecks(
  checks: readonly Check[],
  write: (line: string) => void,
): Promise<Counts> {
  const counts: Counts = { passed: 0, failed: 0, skipped: 0 }
  for (const check of checks) {
    const { outcome, detail } = await outcomeOf(check)
    counts[outcome] += 1
    write(`${outcome}: ${check.name}${detail === undefined ? '' : `: ${detail}`}`)
  }
  return counts
}

/** The closing line that machines read. */
export function closingLine({ passed, failed, skipped }: Counts): string {
  return `${passed} passed, ${failed} failed, ${skipped} skipped`
}

async function outcomeOf(check: Check): Promise<{ outcome: keyof Counts; detail?: string }> {
  try {
    const reason = await check.run()
    return typeof reason === 'string'
      ? { outcome: 'skipped', detail: reason }
      : { outcome: 'passed' }
  } catch (error) {
    assert(error instanceof Error)
    return { outcome: 'failed', detail: error.message }
  }
}
