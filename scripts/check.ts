// What must hold before a commit: types, lint, format and generated docs, checked side by side.
import { join } from 'node:path'
import { closingLine, runChecks } from './checks/run-checks.ts'
import { runWell } from './checks/run-command.ts'

const root = join(import.meta.dirname, '..')
const modules = (path: string): string => join('node_modules', path)

const programs = {
  types: [modules('typescript/bin/tsc'), '--noEmit'],
  lint: [modules('oxlint/bin/oxlint'), '--type-aware', '--deny-warnings'],
  format: [modules('oxfmt/bin/oxfmt'), '--check'],
  docs: [join('scripts', 'docs.ts'), '--check'],
}

const checks = Object.entries(programs).map(([name, parameters]) => {
  const command = { file: process.execPath, parameters, folder: root, environment: process.env }
  const result = runWell(command)
  // Awaited in turn below; this keeps an early failure from counting as unhandled.
  result.catch(() => {})
  return { name, run: () => result.then(() => {}) }
})

const counts = await runChecks(checks, (line) => process.stdout.write(`${line}\n`))
process.stdout.write(`${closingLine(counts)}\n`)
process.exitCode = counts.failed === 0 ? 0 : 1
