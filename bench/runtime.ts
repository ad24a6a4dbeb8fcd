// The durable runtime under many conversations: turns per second, the event loop, what rests, what a crash left open.
import { startEndpoint } from './harness/endpoint.ts'
import { runBenchmark } from './harness/run-benchmark.ts'
import { measureOpenRuns } from './runtime/resting.ts'
import { measureResume } from './runtime/resume.ts'
import { measureThroughput } from './runtime/throughput.ts'

await runBenchmark({
  name: 'runtime',
  async run(context) {
    const endpoint = await startEndpoint(context.processes)
    return {
      figures: [
        ...(await measureThroughput(context, endpoint)),
        ...(await measureResume(context, endpoint)),
        ...(await measureOpenRuns(context, endpoint)),
      ],
      checks: [],
      notes: [
        'The original made 1.9 to 3.8 turns/s for 16 agents on such a machine. The client and the endpoint share the two cores with the server.',
        'Event loop lag is what a timer of 1 ms is late, read from a histogram in the server.',
        'Runs that rest belong to paused conversations; the memory beside theirs is that of a server on an empty folder, started in the same minute.',
        'Runs that a crash left open were accepted and not begun; the time includes the start of the process. Each is started on a copy of the same data folder.',
      ],
    }
  },
})
