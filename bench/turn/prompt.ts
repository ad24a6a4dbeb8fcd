import { runTurn } from '../harness/api.ts'
import { type Figure, toFigure } from '../harness/report.ts'
import { runCommand } from '../harness/run-command.ts'
import type { TurnBench } from './turn-bench.ts'

const message = 'What is the capital of France?'
const bytesPerToken = 4

/** How much a request to the model carries for a message of one line, beside the message itself. */
export async function measurePrompt(bench: TurnBench): Promise<Figure[]> {
  const { context, endpoint, send } = bench
  const agent = await bench.newAgent()
  await runTurn(send, agent, message)
  const overApi = (await endpoint.seen()).body
  const home = context.workspace.folder('home')
  const options = { home, endpoint: endpoint.url }
  await runCommand(context.program.letta(['-p', message], options))
  const onCommandLine = (await endpoint.seen()).body
  return [
    ...toFigures('new agent over the API', overApi),
    ...toFigures('default agent of the command line', onCommandLine),
  ]
}

function toFigures(name: string, body: string): Figure[] {
  const request = JSON.parse(body) as { readonly tools?: unknown; readonly messages: unknown }
  const baseline = { name: 'the message', samples: [toTokens(JSON.stringify(message))] }
  const figure = (part: string, text: string): Figure =>
    toFigure({
      name: `prompt, ${name}: ${part}`,
      unit: 'tokens',
      samples: [toTokens(text)],
      baseline,
    })
  return [
    figure('whole request', body),
    figure('tool schemas', JSON.stringify(request.tools ?? [])),
    figure('messages', JSON.stringify(request.messages)),
  ]
}

function toTokens(text: string): number {
  return Math.ceil(Buffer.byteLength(text) / bytesPerToken)
}
