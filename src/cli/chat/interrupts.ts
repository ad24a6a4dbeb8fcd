/** How soon the second Ctrl-C has to follow the first to leave, in milliseconds. */
const leaveWithinMs = 2000

/** What Ctrl-C means now. */
export type InterruptMeaning = 'cancel' | 'hint' | 'leave'

/** Decides what Ctrl-C means: it cancels a running turn, and a second one soon after leaves. */
export function createInterrupts(now: () => number): (isBusy: boolean) => InterruptMeaning {
  const state = { last: Number.NEGATIVE_INFINITY }
  return (isBusy) => {
    const isSecond = now() - state.last <= leaveWithinMs
    state.last = now()
    if (isSecond) return 'leave'
    return isBusy ? 'cancel' : 'hint'
  }
}
