import type { App } from '../app/app.ts'
import { encodePing, type RunFrameOptions, type WireFrame } from '../wire/run-frames.ts'
import type { ApiContext } from './api.ts'
import { failedRunResponse } from './failed-run.ts'
import { showRun } from './run-frames.ts'
import { socketResponse } from './socket-response.ts'
import { createEventStream, eventStreamHeaders } from './sse.ts'

/** A stream of a run as a client asked for it. */
export interface StreamRunOptions extends RunFrameOptions {
  readonly runId: string
  /** Whether pings keep the stream alive; without them a failure before the first frame has a status of its own. */
  readonly pings: boolean
  /** Whether this is the response to the request that began the run, whose delivery is written down. */
  readonly isOwnResponse: boolean
  /** Whether frames have `id:` lines. Default: false. */
  readonly withIds?: boolean
}

/** How long a reader may take nothing before its stream is given up, in milliseconds. */
const stalledAfterMs = 300_000

/** Answers with the frames of a run. The client may go away: the run goes on. */
export async function streamRun(
  app: App,
  context: ApiContext,
  options: StreamRunOptions,
): Promise<Response> {
  const { runId, pings } = options
  const scope = context.get('scope')
  const gone = new AbortController()
  const frames = showRun(app, scope, { ...options, signal: gone.signal })
  const opening = pings ? [] : await firstFrames(frames)
  const failure = opening.find(({ name }) => name === 'error')
  if (failure !== undefined) return failedRunResponse(context, failure.data, runId)
  const body = createEventStream({
    frames: resume(opening, frames),
    ping: pings
      ? () => encodePing({ id: `ping-${app.ids.uuid()}`, at: app.clock.now(), runId })
      : null,
    pingIntervalMs: app.settings.pingIntervalMs,
    stalledAfterMs,
    clock: app.clock,
    withIds: options.withIds === true,
    onDelivered: () => {
      if (options.isOwnResponse) app.runtime.delivered(scope, { runId })
    },
    onAbandoned: () => gone.abort(),
    cut: createCut(app, context, runId),
  })
  return context.body(body, 200, { ...eventStreamHeaders, 'x-letta-run-id': runId })
}

/**
 * Cuts the connection of a stream that cannot go on, as its client takes it up again from the last frame it has, and logs
 * why: the socket's server would print it. Null when the request did not come over a socket.
 */
function createCut(app: App, context: ApiContext, runId: string): ((reason: Error) => void) | null {
  const outgoing = socketResponse(context)
  if (outgoing === null) return null
  const requestId = context.get('requestId')
  return (reason) => {
    app.logger.warn({ err: reason, requestId, runId }, 'a stream was cut')
    outgoing.destroy()
  }
}

/** The frames that tell whether the run failed before it said anything: the first, and the second after a stop. */
async function firstFrames(frames: AsyncIterator<WireFrame>): Promise<readonly WireFrame[]> {
  const first = await frames.next()
  if (first.done === true) return []
  if (first.value.data['message_type'] !== 'stop_reason') return [first.value]
  const second = await frames.next()
  return second.done === true ? [first.value] : [first.value, second.value]
}

async function* resume(
  opening: readonly WireFrame[],
  frames: AsyncIterable<WireFrame>,
): AsyncGenerator<WireFrame, void, undefined> {
  yield* opening
  yield* frames
}
