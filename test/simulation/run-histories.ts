// Plays many simulated histories: `npm run simulate -- --count 5000 --from 301`. The last line counts.
import { parseArgs } from 'node:util'
import { simulate } from './simulate.ts'

const { values } = parseArgs({
  options: { count: { type: 'string', default: '1000' }, from: { type: 'string', default: '301' } },
})
const first = Number(values.from)
const count = Number(values.count)
const distinct = new Set<string>()
let failed = 0
for (let seed = first; seed < first + count; seed += 1) {
  const { problems, faults } = await simulate(seed)
  distinct.add(faults.join('; '))
  if (problems.length === 0) continue
  failed += 1
  process.stdout.write(`seed ${seed}: ${problems.join('; ')} (${faults.join('; ')})\n`)
}
process.stdout.write(`${distinct.size} distinct schedules of faults\n`)
process.stdout.write(`${count - failed} passed, ${failed} failed, 0 skipped\n`)
process.exitCode = failed === 0 ? 0 : 1
