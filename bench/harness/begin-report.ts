import { currentLoad, lookAtMachine } from './machine.ts'
import { renderReport } from './render-report.ts'
import type { Outcome, Report } from './report.ts'

/** A benchmark that is running. */
export interface RunningReport {
  /**
   * Prints what was found with the time it took and the machine, as a table or as JSON; the exit code is 1 when a check
   * failed. `folder` is where it measured. `shareOfOthers` is what other programs used of the processor, if that was watched.
   */
  print(folder: string, outcome: Outcome, shareOfOthers?: number | null): void
}

/** Begins the report of a benchmark: looks at the clock and at the load before anything is measured. */
export function beginReport(
  benchmark: string,
  options: { readonly quick: boolean; readonly json: boolean },
): RunningReport {
  const begun = performance.now()
  const loadBefore = currentLoad()
  return {
    print(folder, outcome, shareOfOthers) {
      const report: Report = {
        benchmark,
        quick: options.quick,
        seconds: (performance.now() - begun) / 1000,
        machine: lookAtMachine(folder, loadBefore, shareOfOthers),
        ...outcome,
      }
      const text = options.json ? `${JSON.stringify(report, null, 2)}\n` : renderReport(report)
      process.stdout.write(text)
      if (outcome.checks.some(({ passed }) => !passed)) process.exitCode = 1
    },
  }
}
