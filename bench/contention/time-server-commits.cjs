// Loaded before `letta server` with `node --require`: prints, as records of the contention benchmark, how long each
// operation that writes took from the message to the storage thread until its reply, which comes after the commit.
const { Worker, isMainThread } = require('node:worker_threads')

/** @typedef {Map<number, { name: string, begun: number }>} Calls */

/** @type {WeakMap<Worker, Calls>} */
const callsOfThreads = new WeakMap()

if (isMainThread) {
  const send = Worker.prototype.postMessage
  Worker.prototype.postMessage = function (message, ...rest) {
    note(this, message)
    return send.call(this, message, ...rest)
  }
}

/**
 * @param {Worker} thread
 * @param {{ type?: string, id: number, name: string } | undefined} message
 */
function note(thread, message) {
  const calls = callsOfThreads.get(thread) ?? listen(thread)
  if (message?.type !== 'call') return
  calls.set(message.id, { name: message.name, begun: performance.now() })
}

/** @param {Worker} thread */
function listen(thread) {
  /** @type {Calls} */
  const calls = new Map()
  callsOfThreads.set(thread, calls)
  thread.on('message', (reply) => report(calls, reply))
  return calls
}

/**
 * @param {Calls} calls
 * @param {{ type?: string, results: readonly { id: number }[] }} reply
 */
function report(calls, reply) {
  if (reply.type !== 'results') return
  for (const { id } of reply.results) {
    const call = calls.get(id)
    calls.delete(id)
    if (call === undefined) continue
    const ms = performance.now() - call.begun
    process.stdout.write(`${JSON.stringify({ type: 'commit', operation: call.name, ms })}\n`)
  }
}
