import { type Figure, type Target, toFigure } from '../harness/report.ts'
import type { Summary } from '../harness/statistics.ts'
import type { Reading } from './replay.ts'

/** Samples by the name of the operation. */
export class Samples {
  readonly #times = { ours: new Times(), rows: new Times(), objects: new Times() }

  /** Adds one time: of the store, or of the driver alone with what it makes of the rows. */
  add(to: 'ours' | Reading, name: string, milliseconds: number): void {
    this.#times[to].add(name, milliseconds)
  }

  /**
   * One figure for each operation and what it is compared with; `limit` = how many times the baseline's median ours may
   * take, which is `driver` alone.
   */
  toFigures(host: string, limit: number | null, driver = 'node:sqlite'): Figure[] {
    const { ours, rows, objects } = this.#times
    const baselines = [
      { name: driver, times: rows },
      { name: `${driver}, objects`, times: objects },
    ]
    return [...ours.names].flatMap((operation) => {
      const name = `${operation}, ${host}`
      const samples = ours.of(operation)
      const compared = baselines.flatMap((baseline) => {
        const alone = baseline.times.of(operation)
        return alone.length === 0 ? [] : [{ name: baseline.name, samples: alone }]
      })
      if (compared.length === 0) return [toFigure({ name, unit: 'ms', samples })]
      return compared.map((baseline) =>
        toFigure({
          name,
          unit: 'ms',
          samples,
          baseline,
          targets: (our, its) => toTargets(limit, our, its),
        }),
      )
    })
  }
}

class Times {
  readonly #lists = new Map<string, number[]>()

  /** The operations that were timed. */
  get names(): Iterable<string> {
    return this.#lists.keys()
  }

  /** Adds one time. */
  add(name: string, milliseconds: number): void {
    const list = this.#lists.get(name) ?? []
    list.push(milliseconds)
    this.#lists.set(name, list)
  }

  /** The times of an operation. */
  of(name: string): readonly number[] {
    return this.#lists.get(name) ?? []
  }
}

function toTargets(limit: number | null, ours: Summary, baseline: Summary | null): Target[] {
  if (limit === null || baseline === null) return []
  const reached = ours.median <= limit * baseline.median
  return [{ text: `median ≤ ${limit} × baseline`, reached }]
}
