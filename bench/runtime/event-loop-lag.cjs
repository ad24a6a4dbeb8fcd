// Loaded before `letta server` with `node --require`: prints the lag of the event loop since the last time it was asked,
// as JSON in milliseconds, whenever SIGUSR2 comes.
const { monitorEventLoopDelay } = require('node:perf_hooks')
const { isMainThread } = require('node:worker_threads')

if (isMainThread) {
  const resolution = 1
  const delay = monitorEventLoopDelay({ resolution })
  delay.enable()
  process.on('SIGUSR2', () => {
    // The histogram holds whole intervals: what is beyond the resolution is lag.
    const lag = (/** @type {number} */ nanoseconds) => Math.max(0, nanoseconds / 1e6 - resolution)
    const [p50, p99, max] = [lag(delay.percentile(50)), lag(delay.percentile(99)), lag(delay.max)]
    process.stdout.write(`${JSON.stringify({ type: 'lag', p50, p99, max })}\n`)
    delay.reset()
  })
}
