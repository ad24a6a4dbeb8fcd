// Loaded before a program with `node --require`: writes down, at its end, the most memory it held, in kB.
const { readFileSync, writeFileSync } = require('node:fs')
const { isMainThread } = require('node:worker_threads')

if (isMainThread) {
  process.on('exit', () => {
    writeFileSync(process.env['LETTA_BENCH_PEAK_FILE'] ?? '/dev/null', String(peakKilobytes()))
  })
}

function peakKilobytes() {
  if (process.platform !== 'linux') return process.resourceUsage().maxRSS
  const match = /VmHWM:\s+(\d+) kB/.exec(readFileSync('/proc/self/status', 'utf8'))
  return Number(match?.[1])
}
