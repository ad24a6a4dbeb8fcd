import type { StopRequest } from '../domain/run.ts'
import { followSignals } from '../util/follow-signals.ts'
import { isPaused, RunCancelled, RunPaused } from './turn-state.ts'

/** The means to stop the runs of this process. */
export class RunControls {
  readonly #runs = new Map<string, AbortController>()

  /** Makes the signal of one round of a run; it aborts with the first of `others`, or when the run is to stop. */
  enter(
    runId: string,
    others: readonly AbortSignal[],
  ): { readonly signal: AbortSignal; leave(): void } {
    const controller = this.#runs.get(runId) ?? new AbortController()
    this.#runs.set(runId, controller)
    const following = followSignals([controller.signal, ...others])
    return {
      signal: following.signal,
      leave: () => {
        following.leave()
        // A cancelled run keeps its controller until its end, so that the next round sees it; after a pause it goes on.
        const { signal } = controller
        if (!signal.aborted || isPaused(signal)) this.#runs.delete(runId)
      },
    }
  }

  /** Stops a run; one that is not in a round now is stopped at the beginning of its next one. */
  stop(runId: string, request: StopRequest): void {
    const controller = this.#runs.get(runId) ?? new AbortController()
    this.#runs.set(runId, controller)
    if (controller.signal.aborted) return
    controller.abort(request === 'cancel' ? new RunCancelled() : new RunPaused())
  }

  /** Forgets a run that this process is done with. */
  forget(runId: string): void {
    this.#runs.delete(runId)
  }
}
