import type { Machine } from './machine.ts'
import { summarise, type Summary } from './statistics.ts'

/** The units of figures. */
export type Unit = 'ms' | 'MB' | 'turns/s' | 'tokens' | 'bytes' | 'ratio'

/** A bar that a figure should reach. */
export interface Target {
  /** The bar in words, such as `median ≤ 8 ms`. */
  readonly text: string
  readonly reached: boolean
}

/** One measured figure. */
export interface Figure {
  readonly name: string
  readonly unit: Unit
  readonly ours: Summary
  /** What was measured in the same run to compare with, taking turns. */
  readonly baseline: { readonly name: string; readonly summary: Summary } | null
  readonly targets: readonly Target[]
}

/** Something that must hold, measured or not. */
export interface Check {
  readonly name: string
  readonly passed: boolean
  /** What was seen. */
  readonly detail: string
}

/** What a benchmark found. */
export interface Outcome {
  readonly figures: readonly Figure[]
  readonly checks: readonly Check[]
  /** How it was measured, one sentence each. */
  readonly notes: readonly string[]
}

/** What a benchmark prints, and `--json` records. */
export interface Report extends Outcome {
  readonly benchmark: string
  readonly quick: boolean
  readonly seconds: number
  readonly machine: Machine
}

/** A figure from its samples. */
export function toFigure(options: {
  readonly name: string
  readonly unit: Unit
  readonly samples: readonly number[]
  readonly baseline?: { readonly name: string; readonly samples: readonly number[] }
  /** Bars, given the summary of ours and, if there is one, of the baseline. */
  readonly targets?: (ours: Summary, baseline: Summary | null) => readonly Target[]
}): Figure {
  const ours = summarise(options.samples)
  const { baseline } = options
  const compared =
    baseline === undefined ? null : { name: baseline.name, summary: summarise(baseline.samples) }
  return {
    name: options.name,
    unit: options.unit,
    ours,
    baseline: compared,
    targets: options.targets?.(ours, compared?.summary ?? null) ?? [],
  }
}

/** The bar that one value stays at or below a limit. */
export function atMost(
  label: 'median' | 'p99' | 'max',
  value: number,
  limit: { readonly value: number; readonly unit: Unit },
): Target {
  return { text: `${label} ≤ ${limit.value} ${limit.unit}`, reached: value <= limit.value }
}
