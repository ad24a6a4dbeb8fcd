import { createAgent, streamTurn, toServer } from '../harness/api.ts'
import type { Endpoint } from '../harness/endpoint.ts'
import { startLettaServer } from '../harness/letta-server.ts'
import { type Figure, toFigure } from '../harness/report.ts'
import type { BenchmarkContext } from '../harness/run-benchmark.ts'

/** How soon a stream that is asked for again shows its next frame. */
export async function measureResume(
  context: BenchmarkContext,
  endpoint: Endpoint,
): Promise<readonly Figure[]> {
  context.progress('streams read again')
  const server = await startLettaServer(context.processes, context.program, {
    home: context.workspace.folder('home'),
    endpoint: endpoint.url,
  })
  const send = toServer(server.url)
  const agentId = await createAgent(send, 'Resumed')
  const path = `/v1/agents/${agentId}/messages/stream`
  const turn = await streamTurn(send, path, { text: 'WORDS 200' })
  const samples: number[] = []
  for (let index = 0; index < (context.quick ? 20 : 200); index += 1) {
    const begun = performance.now()
    const response = await send(`/v1/runs/${turn.runId}/stream`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ starting_after: 100 * (index % 100) }),
    })
    if (response.body === null) throw new Error(`the server said ${response.status}`)
    const reader = response.body.getReader()
    const first = await reader.read()
    samples.push(performance.now() - begun)
    if (first.done) throw new Error('the stream was empty')
    await reader.cancel()
  }
  await server.stop()
  return [toFigure({ name: 'stream resumed: first frame', unit: 'ms', samples })]
}
