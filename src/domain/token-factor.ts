/** What a model's provider counts for what this product estimates, learnt from the usage it reports. */
export interface TokenFactor {
  /** The handle of the model. */
  readonly model: string
  /** Tokens of the provider for a thousand estimated ones. */
  readonly perThousand: number
  /** When it was learnt, in epoch milliseconds. */
  readonly updatedAt: number
}

/** A request whose size was estimated and then told by the provider. */
export interface UsageReport {
  readonly estimated: number
  readonly reported: number
}

/** Requests that are shorter say more of what a provider adds than of how it counts, in estimated tokens. */
const shortestRequest = 500

/** A report outside of this is none: no tokenizer differs so much from the estimate. */
const credible = { least: 0.5, most: 2.5 } as const

/** What a factor is kept within: whatever is believed is heeded, and a few wrong reports do not make a window useless. */
const bounds = { least: 700, most: 1000 * credible.most } as const

/** The part of the way that a factor goes down with one report; up it goes at once, since too few tokens are refused. */
const wayDown = 0.1

/** The factor after a report, per thousand; null = the report tells nothing. `known` is null before the first. */
export function learnFactor(
  known: number | null,
  { estimated, reported }: UsageReport,
): number | null {
  if (!Number.isFinite(reported) || estimated < shortestRequest) return null
  const ratio = reported / estimated
  if (ratio < credible.least || ratio > credible.most) return null
  const told = ratio * 1000
  const next = known === null || told >= known ? told : known + (told - known) * wayDown
  return Math.round(Math.min(bounds.most, Math.max(bounds.least, next)))
}
