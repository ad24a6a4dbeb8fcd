// Runs one benchmark or all of them: npm run bench -- turn --quick
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { renderTable } from './harness/table.ts'

/** Name to what it measures; each is a program of its own beside this one. */
const benchmarks: Readonly<Record<string, string>> = {
  'start-up': 'time and memory of --version, -p and a server, beside `node -e 0`',
  turn: 'time, processor time and tokens of a turn, beside direct calls to its endpoint',
  contention: 'two commands and a server on one data folder, one of them killed now and then',
  runtime: 'turns per second, event loop, runs that rest, recovery after a crash',
  servers: 'several servers on one PostgreSQL database, one of them killed',
  cancel: 'a cancel through another process than the one that runs the turn, on both engines',
  scale: 'the same operations with 100 agents and with 10,000, on both engines',
  storage: 'operations of the store, beside the raw driver',
  locomo: 'what answers a question in chats of weeks, without a model; needs --data <path>',
  'locomo-ranking':
    'the ranking alone on those chats, and what a change of it does; needs --data <path>',
  fusion:
    'whether vectors ever cost what words alone find, with embedders from good to wrong; --data <path>',
  freshness:
    'what is, was and was known to be true after updates, corrections, back-dated statements',
  search: 'a search of one agent’s messages, beside the engine’s plain full-text query',
  residue: 'bytes and rows that are left of what was forgotten, beside a plain delete',
  compaction: 'a talk of 2,000 turns in a small window: tokens, common prefixes, facts found',
  'nested-kv':
    'values that are keys of other values, through the archival tool with a scripted caller',
  vectors: 'the nearest vectors on both engines, exactly and from a choice',
}

const usage = `Usage: npm run bench -- <name>|all [--quick] [--json] [--no-build]

${renderTable(['name', 'what it measures'], Object.entries(benchmarks), new Set())}

--quick     fewer samples: a look, not a record
--json      the report as JSON instead of a table
--data <path>  the data of locomo and fusion, which is not part of this repository
--embedder <url>, --model <handle>  of fusion: an endpoint of OpenAI's kind that is measured, too
--save <path>, --against <path>  of locomo-ranking: keep the scores; compare with those kept, question by question
--no-build  measure what is in dist/ already

Targets that are missed are shown; only a failed check makes the exit code 1.
`

const [name, ...options] = process.argv.slice(2)
const names = name === 'all' ? Object.keys(benchmarks) : [name ?? '']
if (names.every((known) => known in benchmarks)) await runAll(names)
else {
  process.stdout.write(usage)
  if (name !== undefined && name !== '--help') process.exitCode = 2
}

async function runAll(wanted: readonly string[]): Promise<void> {
  for (const benchmark of wanted) {
    const script = join(import.meta.dirname, `${benchmark}.ts`)
    if (!existsSync(script)) {
      process.stderr.write(`Cannot run ${benchmark}: there is no bench/${benchmark}.ts yet.\n`)
      process.exitCode = 1
      continue
    }
    const child = spawn(process.execPath, [script, ...options], { stdio: 'inherit' })
    const [code] = (await once(child, 'exit')) as [number | null]
    if (code !== 0) process.exitCode = code ?? 1
  }
}
