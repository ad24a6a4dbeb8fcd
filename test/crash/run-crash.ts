// Kills the built server at random moments under load, also together with the power of its disk, and holds what is left
// against the promises: `npm run test:crash -- --kills 50 --power-cuts 10 --engine sqlite --seed 1`. The last line counts.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { startFakeProvider } from '../../src/testing/fake-provider.ts'
import { buildProgram } from '../main-job/build-program.ts'
import { createTemporaryHome } from '../main-job/run-letta.ts'
import { createTestDatabase, hasPostgres, preparePostgres } from '../setup/postgres-server.ts'
import { createSeededRandom } from '../simulation/random.ts'
import { type BuiltServer, startBuiltServer } from './built-server.ts'
import { checkPromises } from './check-observation.ts'
import { createLoopDisk, type LoopDisk } from './loop-disk.ts'
import { createModelScript, toolModule } from './model-script.ts'
import { observe } from './observe.ts'
import { connect, createTalker, type Talker } from './talker.ts'
import { createTicker } from './ticker.ts'

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '50' },
    'power-cuts': { type: 'string', default: '10' },
    talkers: { type: 'string', default: '8' },
    engine: { type: 'string', default: 'both' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
  },
})
const seed = Number(values.seed)
/** A server lives until its clients have read this many frames at most, so that a slow machine gets as far as a fast one. */
const mostFrames = 150
/** And not longer than this, in milliseconds. */
const longestLifeMs = 10_000
/** Of all kills at least this share has to find a message in flight, or the test proves nothing. */
const leastShareInFlight = 0.4

const counts = { passed: 0, failed: 0, skipped: 0 }

/** What is crashed, and how often. */
interface CrashSubject {
  /** As the report names it. */
  readonly name: string
  readonly kills: number
  /** Without one the data folder is the database. */
  readonly databaseUrl?: string
  /** The disk under the data folder, whose power is cut with each kill. */
  readonly disk?: LoopDisk
}

/** Runs the test on one engine; prints a line for each promise. */
async function crash(subject: CrashSubject): Promise<void> {
  const { name, kills, databaseUrl, disk } = subject
  using home = createTemporaryHome()
  using program = await buildProgram()
  await using provider = await startFakeProvider({ script: createModelScript() })
  const effectsFile = join(home.path, 'effects.txt')
  const toolsFile = join(home.path, 'tools.mjs')
  writeFileSync(effectsFile, '')
  writeFileSync(toolsFile, toolModule)
  const environment = {
    LETTA_HOME: join(disk?.path ?? home.path, 'data'),
    LETTA_TOOLS: toolsFile,
    OPENAI_BASE_URL: provider.url,
    EFFECTS: effectsFile,
    ...(databaseUrl === undefined ? {} : { DATABASE_URL: databaseUrl }),
  }
  const server = await startBuiltServer({ main: program.main, environment })
  try {
    const random = createSeededRandom(seed)
    const ticker = await createTicker(await connect(server), kills)
    const talkers = await createTalkers(server)
    const agentIds = talkers.map(({ agentId }) => agentId)
    const inFlight = await killUnderLoad(server, {
      ...subject,
      talkers: talkers.map(({ talker }) => talker),
      life: () => random.below(mostFrames),
    })
    const sent = talkers.flatMap(({ talker }) => talker.sent)
    const seen = await observe(await connect(server), { sent, agentIds, effectsFile, ticker })
    const acknowledged = sent.filter(({ runId }) => runId !== null).length
    process.stdout.write(
      `${name}: seed ${seed}, ${kills} kills, ${inFlight} with ${talkers.length} conversations in flight; ` +
        `${sent.length} messages sent, ${acknowledged} acknowledged, ${seen.runs.length} runs, ${seen.schedules.length} of them scheduled, ${seen.effects.length} effects\n`,
    )
    report(name, {
      promise: 'kills find work in flight',
      broken:
        inFlight >= kills * leastShareInFlight ? [] : [`only ${inFlight} of ${kills} kills did`],
    })
    for (const checked of checkPromises(seen)) report(name, checked)
  } finally {
    await server.end()
  }
}

/** Resolves a random moment after the talkers have read so many frames more. */
async function untilRead(talkers: readonly Talker[], frames: number): Promise<void> {
  const read = (): number => talkers.reduce((sum, talker) => sum + talker.framesRead(), 0)
  const target = read() + frames
  const deadline = Date.now() + longestLifeMs
  while (read() < target && Date.now() < deadline) await sleep(5)
  await sleep(frames % 20)
}

async function createTalkers(
  server: BuiltServer,
): Promise<readonly { readonly agentId: string; readonly talker: Talker }[]> {
  const letta = await connect(server)
  return await Promise.all(
    Array.from({ length: Number(values.talkers) }, async (_, index) => {
      const { id: agentId } = await letta.agents.create({
        name: `Talker ${index}`,
        model: 'openai/gpt-4o-mini',
        memory_blocks: [{ label: 'human', value: '' }],
        tools: ['act_once', 'act_again', 'act_guarded', 'core_memory_append'],
        include_base_tools: false,
      })
      const random = createSeededRandom(seed * 100 + index)
      return { agentId, talker: createTalker(server, { agentId, random }) }
    }),
  )
}

/** Kills the server again and again while everybody talks; tells at how many kills something was in flight. */
async function killUnderLoad(
  server: BuiltServer,
  {
    talkers,
    life,
    kills,
    disk,
  }: CrashSubject & { readonly talkers: readonly Talker[]; readonly life: () => number },
): Promise<number> {
  const done = new AbortController()
  const talking = Promise.all(talkers.map((talker) => talker.talk(done.signal)))
  let hasFailed = false
  talking.catch(() => (hasFailed = true))
  let inFlight = 0
  for (let kill = 0; kill < kills && !hasFailed; kill += 1) {
    await untilRead(talkers, life())
    if (talkers.some((talker) => talker.isInFlight())) inFlight += 1
    await server.killAndRestart(disk)
  }
  done.abort()
  await talking
  return inFlight
}

function report(
  engine: string,
  { promise, broken }: { readonly promise: string; readonly broken: readonly string[] },
): void {
  if (broken.length === 0) counts.passed += 1
  else counts.failed += 1
  process.stdout.write(`${broken.length === 0 ? 'passed' : 'FAILED'}: ${engine}: ${promise}\n`)
  for (const line of broken.slice(0, 10)) process.stdout.write(`  ${line}\n`)
}

async function crashOnPostgres(kills: number): Promise<void> {
  if (!hasPostgres()) {
    counts.skipped += 1
    process.stdout.write('skipped: PostgreSQL: no server; run `npm run fetch:postgres` once\n')
    return
  }
  using home = createTemporaryHome()
  const stop = await preparePostgres(home.path)
  try {
    await using database = await createTestDatabase()
    await crash({ name: 'PostgreSQL', kills, databaseUrl: database.url })
  } finally {
    await stop()
  }
}

/** Cuts the power of the disk under the embedded database, where this machine has such a disk. */
async function cutPower(kills: number): Promise<void> {
  let disk: LoopDisk
  try {
    disk = await createLoopDisk()
  } catch (error) {
    counts.skipped += 1
    process.stdout.write(`skipped: power cut: no disk to cut here: ${String(error)}\n`)
    return
  }
  await using cut = disk
  await crash({ name: 'SQLite without power', kills, disk: cut })
}

const kills = Number(values.kills)
if (values.engine !== 'postgres') {
  if (kills > 0) await crash({ name: 'SQLite', kills })
  if (Number(values['power-cuts']) > 0) await cutPower(Number(values['power-cuts']))
}
if (values.engine !== 'sqlite') await crashOnPostgres(kills)
process.stdout.write(
  `${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped\n`,
)
process.exitCode = counts.failed === 0 ? 0 : 1
