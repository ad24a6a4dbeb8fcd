// Kills the built server at random moments under load and holds what is left against the promises:
// `npm run test:crash -- --kills 50 --engine sqlite --seed 1`. The last line counts.
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
import { createModelScript, toolModule } from './model-script.ts'
import { observe } from './observe.ts'
import { connect, createTalker, type Talker } from './talker.ts'

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '50' },
    talkers: { type: 'string', default: '8' },
    engine: { type: 'string', default: 'both' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
  },
})
const kills = Number(values.kills)
const seed = Number(values.seed)
/** The life of a server before its kill, at least and at most, in milliseconds. */
const life = { least: 150, most: 1500 }
/** Of all kills at least this share has to find a message in flight, or the test proves nothing. */
const leastShareInFlight = 0.4

const counts = { passed: 0, failed: 0, skipped: 0 }

/** Runs the test on one engine; prints a line for each promise. */
async function crash(engine: string, databaseUrl: string | null): Promise<void> {
  using home = createTemporaryHome()
  using program = await buildProgram()
  await using provider = await startFakeProvider({ script: createModelScript() })
  const effectsFile = join(home.path, 'effects.txt')
  const toolsFile = join(home.path, 'tools.mjs')
  writeFileSync(effectsFile, '')
  writeFileSync(toolsFile, toolModule)
  const environment = {
    LETTA_HOME: join(home.path, 'data'),
    LETTA_TOOLS: toolsFile,
    OPENAI_BASE_URL: provider.url,
    EFFECTS: effectsFile,
    ...(databaseUrl === null ? {} : { DATABASE_URL: databaseUrl }),
  }
  const server = await startBuiltServer({ main: program.main, environment })
  try {
    const random = createSeededRandom(seed)
    const talkers = await createTalkers(server)
    const agentIds = talkers.map(({ agentId }) => agentId)
    const inFlight = await killUnderLoad(server, {
      talkers: talkers.map(({ talker }) => talker),
      pause: () => life.least + random.below(life.most - life.least),
    })
    const sent = talkers.flatMap(({ talker }) => talker.sent)
    const seen = await observe(await connect(server), { sent, agentIds, effectsFile })
    const acknowledged = sent.filter(({ runId }) => runId !== null).length
    process.stdout.write(
      `${engine}: seed ${seed}, ${kills} kills, ${inFlight} with ${talkers.length} conversations in flight; ` +
        `${sent.length} messages sent, ${acknowledged} acknowledged, ${seen.runs.length} runs, ${seen.effects.length} effects\n`,
    )
    report(engine, {
      promise: 'kills find work in flight',
      broken:
        inFlight >= kills * leastShareInFlight ? [] : [`only ${inFlight} of ${kills} kills did`],
    })
    for (const checked of checkPromises(seen)) report(engine, checked)
  } finally {
    await server.end()
  }
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
        tools: ['act_once', 'act_again', 'core_memory_append'],
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
  { talkers, pause }: { readonly talkers: readonly Talker[]; readonly pause: () => number },
): Promise<number> {
  const done = new AbortController()
  const talking = Promise.all(talkers.map((talker) => talker.talk(done.signal)))
  let inFlight = 0
  const killing = async (): Promise<void> => {
    for (let kill = 0; kill < kills; kill += 1) {
      await sleep(pause())
      if (talkers.some((talker) => talker.isInFlight())) inFlight += 1
      await server.killAndRestart()
    }
    done.abort()
  }
  await Promise.all([talking, killing()])
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

async function crashOnPostgres(): Promise<void> {
  if (!hasPostgres()) {
    counts.skipped += 1
    process.stdout.write('skipped: PostgreSQL: no server; run `npm run fetch:postgres` once\n')
    return
  }
  using home = createTemporaryHome()
  const stop = await preparePostgres(home.path)
  try {
    await using database = await createTestDatabase()
    await crash('PostgreSQL', database.url)
  } finally {
    await stop()
  }
}

if (values.engine !== 'postgres') await crash('SQLite', null)
if (values.engine !== 'sqlite') await crashOnPostgres()
process.stdout.write(
  `${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped\n`,
)
process.exitCode = counts.failed === 0 ? 0 : 1
