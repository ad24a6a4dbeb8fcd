// How long the built program takes to start, answer once and end, and how much memory it needs for that.
import { setTimeout as sleep } from 'node:timers/promises'
import { collectQuietly } from './harness/collect-quietly.ts'
import { startEndpoint, type Endpoint } from './harness/endpoint.ts'
import { startLettaServer } from './harness/letta-server.ts'
import { residentMemory } from './harness/process-figures.ts'
import type { Command } from './harness/processes.ts'
import { atMost, type Figure, type Target, toFigure } from './harness/report.ts'
import { type BenchmarkContext, runBenchmark } from './harness/run-benchmark.ts'
import { measurePeak, runCommand } from './harness/run-command.ts'
import type { Summary } from './harness/statistics.ts'

/** A command to measure. */
interface Subject {
  readonly name: string
  /** The command of one sample, made anew when each needs a folder of its own. */
  readonly command: () => Command
  /** What its output must be, so that a failure is not measured as an answer. */
  readonly output: RegExp
  readonly time: (ours: Summary, node: Summary) => readonly Target[]
  readonly memory: (ours: Summary) => readonly Target[]
}

/** Figures, and how many rounds were too noisy to count. */
interface Measured {
  readonly figures: readonly Figure[]
  readonly discarded: number
}

const serverSettlesMs = 3000

await runBenchmark({
  name: 'start-up',
  async run(context) {
    const endpoint = await startEndpoint(context.processes)
    const subjects = toSubjects(context, endpoint)
    const node = toNode(context)
    // The first runs fill the file cache and Node's cache of compiled code, as they do for everybody.
    for (const { command } of subjects) await runCommand(command())
    const times = await measureTimes(context, subjects, node)
    const memory = await measureMemory(context, subjects, node)
    const server = await measureServer(context, endpoint)
    return {
      figures: [...times.figures, ...memory, ...server.figures],
      checks: [],
      notes: [
        `${times.discarded + server.discarded} rounds were left out because other programs used more than 15 % of the machine meanwhile.`,
        'Times are from just before the start of the process to the notice of its end; every round runs each command once, `node -e 0` first.',
        "Memory of commands is the kernel's high-water mark (VmHWM) read by a preloaded script at the program's end, in runs of their own; MB are 1,048,576 bytes, as `ps` and `top` count.",
        'Compiled code is cached, as it is from the second run on; “nothing compiled” is the very first run after an installation.',
        'A server is ready when `/v1/health/` has answered 200; it is asked as soon as the server prints its address.',
      ],
    }
  },
})

function toSubjects(context: BenchmarkContext, endpoint: Endpoint): readonly Subject[] {
  const { program, workspace } = context
  const kept = { offline: workspace.folder('home'), endpoint: workspace.folder('home') }
  const prompt = ['-p', 'My favorite colour is a dark green.']
  const ask = (home: () => string, url?: string) => (): Command =>
    program.letta(prompt, { home: home(), ...(url === undefined ? {} : { endpoint: url }) })
  const fresh = (): string => workspace.folder('home')
  const answering = {
    time: (ours: Summary) => [atMost('median', ours.median, { value: 350, unit: 'ms' })],
    memory: (ours: Summary) => [atMost('median', ours.median, { value: 120, unit: 'MB' })],
  }
  const offline = { ...answering, output: /No model is connected/ }
  const online = { ...answering, output: /^word0$/ }
  const { url } = endpoint
  return [
    {
      name: 'letta --version',
      command: () => program.letta(['--version'], { home: kept.offline }),
      output: /^\d+\.\d+\.\d+/,
      time: (ours, node) => [
        { text: 'median ≤ 3x node -e 0', reached: ours.median <= 3 * node.median },
      ],
      memory: (ours) => [atMost('median', ours.median, { value: 75, unit: 'MB' })],
    },
    { name: 'letta -p, offline', command: ask(() => kept.offline), ...offline },
    { name: 'letta -p, offline, new data folder', command: ask(fresh), ...offline },
    { name: 'letta -p, endpoint', command: ask(() => kept.endpoint, url), ...online },
    { name: 'letta -p, endpoint, new data folder', command: ask(fresh, url), ...online },
    {
      name: 'letta -p, offline, nothing compiled',
      command: () =>
        program.letta(prompt, { home: kept.offline, temporary: workspace.folder('temporary') }),
      output: offline.output,
      time: () => [],
      memory: () => [],
    },
  ]
}

function toNode(context: BenchmarkContext): Command {
  const { workspace, program } = context
  const environment = program.environment({ home: workspace.path })
  return { parameters: ['-e', '0'], folder: workspace.path, environment }
}

async function measureTimes(
  context: BenchmarkContext,
  subjects: readonly Subject[],
  node: Command,
): Promise<Measured> {
  const rounds = context.quick ? 8 : 40
  context.progress(`times, ${rounds} rounds`)
  const { samples, discarded } = await collectQuietly({
    blocks: rounds,
    processes: context.processes,
    measure: async () => [await measureRound(subjects, node)],
  })
  const figures = subjects.map(({ name, time }, index) =>
    toFigure({
      name,
      unit: 'ms',
      samples: samples.map((round) => round.times[index] ?? NaN),
      baseline: { name: 'node -e 0', samples: samples.map((round) => round.node) },
      targets: (ours, baseline) => (baseline === null ? [] : time(ours, baseline)),
    }),
  )
  return { figures, discarded }
}

/** Runs every command once. */
async function measureRound(
  subjects: readonly Subject[],
  node: Command,
): Promise<{ readonly node: number; readonly times: readonly number[] }> {
  const { milliseconds: nodeTime } = await runCommand(node)
  const times: number[] = []
  for (const { command, output, name } of subjects) {
    const { milliseconds, stdout } = await runCommand(command())
    if (!output.test(stdout.trim())) throw new Error(`${name} printed ${stdout}`)
    times.push(milliseconds)
  }
  return { node: nodeTime, times }
}

async function measureMemory(
  context: BenchmarkContext,
  subjects: readonly Subject[],
  node: Command,
): Promise<Figure[]> {
  const rounds = context.quick ? 2 : 7
  const scratch = context.workspace.folder('peak')
  const nodePeaks: number[] = []
  const peaks = subjects.map((): number[] => [])
  context.progress(`memory, ${rounds} rounds`)
  for (let round = 0; round < rounds; round += 1) {
    nodePeaks.push(await measurePeak(node, scratch))
    for (const [index, { command }] of subjects.entries()) {
      peaks[index]?.push(await measurePeak(command(), scratch))
    }
  }
  return subjects.map(({ name, memory }, index) =>
    toFigure({
      name: `${name}: peak memory`,
      unit: 'MB',
      samples: peaks[index] ?? [],
      baseline: { name: 'node -e 0', samples: nodePeaks },
      targets: memory,
    }),
  )
}

async function measureServer(context: BenchmarkContext, endpoint: Endpoint): Promise<Measured> {
  const { workspace, quick, processes, program } = context
  const rounds = quick ? 3 : 10
  const kept = workspace.folder('home')
  const idle: number[] = []
  context.progress(`server, ${rounds} rounds`)
  const start = (home: string) =>
    startLettaServer(processes, program, { home, endpoint: endpoint.url })
  await (await start(kept)).stop()
  const { samples, discarded } = await collectQuietly({
    blocks: rounds,
    processes,
    measure: async () => {
      const fresh = await start(workspace.folder('home'))
      await fresh.stop()
      const server = await start(kept)
      if (idle.length < 5) {
        await sleep(serverSettlesMs)
        idle.push(residentMemory(server.pid))
      }
      await server.stop()
      return [{ fresh: fresh.readyMs, kept: server.readyMs }]
    },
  })
  const inTime = (ours: Summary) => [atMost('median', ours.median, { value: 500, unit: 'ms' })]
  const figures = [
    toFigure({
      name: 'letta server: ready',
      unit: 'ms',
      samples: samples.map((round) => round.kept),
      targets: inTime,
    }),
    toFigure({
      name: 'letta server: ready, new data folder',
      unit: 'ms',
      samples: samples.map((round) => round.fresh),
      targets: inTime,
    }),
    toFigure({
      name: 'letta server: idle memory',
      unit: 'MB',
      samples: idle,
      targets: (ours) => [atMost('median', ours.median, { value: 110, unit: 'MB' })],
    }),
  ]
  return { figures, discarded }
}
