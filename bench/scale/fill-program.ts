// Fills one database in a process of its own, as the parent asks by its one message.
import { fill } from './fill.ts'
import type { FillRequest } from './fill-elsewhere.ts'

process.once('message', (request) => {
  void runFill(request as FillRequest)
})

async function runFill(request: FillRequest): Promise<void> {
  await fill({ ...request, progress: () => undefined })
  process.disconnect?.()
}
