// Writes the counts of a vitest JSON report as the line that .ci/run adds up.
import { readFileSync } from 'node:fs'

const report = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8'))
const skipped = report.numPendingTests + report.numTodoTests
process.stdout.write(
  `${report.numPassedTests} passed, ${report.numFailedTests} failed, ${skipped} skipped\n`,
)
