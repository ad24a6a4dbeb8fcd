import { type Figure, toFigure } from '../harness/report.ts'

/** Samples by the name of the operation. */
export class Samples {
  /** Times of the store. */
  readonly ours = new Map<string, number[]>()
  /** Times of the driver alone. */
  readonly raw = new Map<string, number[]>()

  /** Adds one time. */
  add(to: 'ours' | 'raw', name: string, milliseconds: number): void {
    const list = this[to].get(name) ?? []
    this[to].set(name, [...list, milliseconds])
  }

  /** One figure for each operation; `limit` = how many times the baseline's median ours may take, which is `driver` alone. */
  toFigures(host: string, limit: number | null, driver = 'node:sqlite'): Figure[] {
    return [...this.ours].map(([name, samples]) => {
      const raw = this.raw.get(name)
      return toFigure({
        name: `${name}, ${host}`,
        unit: 'ms',
        samples,
        ...(raw === undefined ? {} : { baseline: { name: driver, samples: raw } }),
        targets: (ours, baseline) =>
          limit === null || baseline === null
            ? []
            : [
                {
                  text: `median ≤ ${limit} × baseline`,
                  reached: ours.median <= limit * baseline.median,
                },
              ],
      })
    })
  }
}
