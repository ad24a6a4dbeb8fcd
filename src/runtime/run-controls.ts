import { RunCancelled } from './turn-state.ts'

/** The means to stop the runs of this process. */
export class RunControls {
  readonly #runs = new Map<string, AbortController>()

  /** Makes the signal of one round of a run; it aborts with the first of `others`, or when the run is cancelled. */
  enter(
    runId: string,
    others: readonly AbortSignal[],
  ): { readonly signal: AbortSignal; leave(): void } {
    const controller = this.#runs.get(runId) ?? new AbortController()
    this.#runs.set(runId, controller)
    return {
      signal: AbortSignal.any([controller.signal, ...others]),
      leave: () => {
        // A cancelled run keeps its controller until its end, so that the next round sees it.
        if (!controller.signal.aborted) this.#runs.delete(runId)
      },
    }
  }

  /** Cancels a run; one that is not in a round now is cancelled at the beginning of its next one. */
  cancel(runId: string): void {
    const controller = this.#runs.get(runId) ?? new AbortController()
    this.#runs.set(runId, controller)
    controller.abort(new RunCancelled())
  }

  /** Forgets a run that has ended. */
  forget(runId: string): void {
    this.#runs.delete(runId)
  }
}
