import { openStore } from '../../src/storage/open-store.ts'
import { openPostgresFiller } from './postgres-filler.ts'
import { openSqliteFiller } from './sqlite-filler.ts'
import { span, type Template } from './template.ts'

/** Where the agents go, and how many. */
export interface FillOptions {
  /** A data folder or the URL of a database; empty. */
  readonly location: string
  readonly template: Template
  readonly agents: number
  /** Called now and then with how many agents there are. */
  progress(agents: number): void
}

/** How long filling one database may take. */
const deadlineMs = 20 * 60_000

/** About as many messages are cloned at once. */
const batchRows = 10_000

/**
 * Writes clones of the template's agent, exactly the rows of the store: the database itself makes them, and its indexes
 * are made when all are there. Throws when that takes too long.
 */
export async function fill(options: FillOptions): Promise<void> {
  const { location, template, agents } = options
  await (await openStore({ location })).close()
  const filler = location.startsWith('postgres')
    ? await openPostgresFiller(location, template)
    : openSqliteFiller(location, template)
  const end = performance.now() + deadlineMs
  try {
    await filler.begin(agents)
    const most = Math.max(...template.tables.map(({ rows }) => rows.length))
    const batch = Math.max(1, Math.floor(batchRows / most))
    for (let first = 1; first <= agents; first += batch) {
      const last = Math.min(first + batch - 1, agents)
      await filler.clone(first, last)
      options.progress(last)
      if (performance.now() > end) {
        throw new Error(
          `Cannot fill ${agents} agents: the first ${last} took 20 minutes. Ask for fewer --agents or --messages.`,
        )
      }
    }
    await filler.finish({ agents, lastSequence: (agents + 1) * span })
  } finally {
    await filler.close()
  }
}
