/**
 * What somebody outside said to one tool call that waited for it: whether it may run, or what came of it where the
 * caller ran it.
 */
export type CallAnswer =
  | {
      readonly kind: 'approval'
      readonly callId: string
      readonly approve: boolean
      readonly reason: string | null
    }
  | {
      readonly kind: 'return'
      readonly callId: string
      readonly status: 'success' | 'error'
      readonly text: string
      readonly stdout: readonly string[] | null
      readonly stderr: readonly string[] | null
    }

/** What the model reads in place of the return of a call that was denied; the original's sentence. */
export function denialText(reason: string | null): string {
  return `Error: request to call tool denied. User reason: ${reason ?? 'none given'}`
}

/** What the model reads in place of the return of a call whose turn was cancelled before it ran; the original's sentence. */
export const cancelledCallText = 'The user cancelled the request, so the tool call was denied.'
