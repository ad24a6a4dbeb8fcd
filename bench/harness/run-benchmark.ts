import { parseOptions } from '../../scripts/read-options.ts'
import { beginReport } from './begin-report.ts'
import { installProgram, type InstalledProgram } from './installed-program.ts'
import { Processes } from './processes.ts'
import { watchProcessor } from './processor-share.ts'
import type { Outcome } from './report.ts'
import { createWorkspace, type Workspace } from './workspace.ts'

/** What a benchmark works with. */
export interface BenchmarkContext {
  /** Fewer samples, for a look instead of a record. */
  readonly quick: boolean
  readonly workspace: Workspace
  readonly program: InstalledProgram
  readonly processes: Processes
  /** Tells how far it is, on standard error. */
  progress(text: string): void
}

/** One benchmark. */
export interface Benchmark {
  readonly name: string
  run(context: BenchmarkContext): Promise<Outcome>
}

/**
 * Runs a benchmark as a program: builds and installs the product, measures, prints the table (or, with `--json`, the
 * report), and leaves nothing running or lying about.
 *
 * Options: `--quick`, `--json`, `--no-build` (what is in dist/). The exit code is 1 when a check failed; a missed
 * target alone is not an error, because a busy machine misses targets.
 */
export async function runBenchmark(benchmark: Benchmark): Promise<void> {
  const values = parseOptions({
    quick: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    build: { type: 'boolean', default: true },
  })
  const report = beginReport(benchmark.name, values)
  using workspace = createWorkspace()
  const program = installProgram(workspace, { build: values.build })
  const watch = watchProcessor()
  const outcome = await measure(benchmark, { quick: values.quick, workspace, program })
  report.print(workspace.path, outcome, watch.shareOfOthers())
}

/** Everything it started has ended when this resolves. */
async function measure(
  benchmark: Benchmark,
  given: Pick<BenchmarkContext, 'quick' | 'workspace' | 'program'>,
): Promise<Outcome> {
  await using processes = new Processes()
  return await benchmark.run({
    ...given,
    processes,
    progress: (text) => void process.stderr.write(`${benchmark.name}: ${text}\n`),
  })
}
