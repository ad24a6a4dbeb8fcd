import { InvalidArgumentError } from '@commander-js/extra-typings'

/** What reads an option that is a whole number of `least` or more, and at most `most`; anything else is wrong use. */
export function wholeNumber(least: number, most?: number): (text: string) => number {
  return (text) => {
    const count = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN
    if (count >= least && count <= (most ?? count)) return count
    const range = most === undefined ? `from ${least}` : `from ${least} to ${most}`
    throw new InvalidArgumentError(`It must be a whole number ${range}.`)
  }
}
