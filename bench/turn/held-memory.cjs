// Loaded before `letta server` with `node --require`: collects all garbage and prints what is left, as JSON in MB of 1,024 KB,
// whenever SIGUSR2 comes.
const { isMainThread } = require('node:worker_threads')

if (isMainThread) {
  require('node:v8').setFlagsFromString('--expose-gc')
  const collect = require('node:vm').runInNewContext('gc')
  process.on('SIGUSR2', () => {
    collect()
    collect()
    const { heapUsed, external } = process.memoryUsage()
    const megabytes = (heapUsed + external) / 1024 / 1024
    process.stdout.write(`${JSON.stringify({ type: 'held', megabytes })}\n`)
  })
}
