import type { ForgetRequest } from '../../../sdk/src/index.ts'
import { renderPreview, renderReceipt } from '../actions/run-forget.ts'
import type { Session } from '../session/open-session.ts'

/** What was shown and waits for a yes. */
interface Proposed {
  readonly request: ForgetRequest
  readonly token: string
}

/** `/forget` in the chat: shows what would go, and waits for a yes. */
export class ForgetTalk {
  #proposed: Proposed | null = null

  /** Whether the next line is the answer to what was shown. */
  get isWaiting(): boolean {
    return this.#proposed !== null
  }

  /** Shows what would be forgotten; an id, or words. */
  async propose({ client, agent }: Session, argument: string): Promise<readonly string[]> {
    this.#proposed = null
    if (argument === '') return ['/forget takes words, or the id of a message, passage or change.']
    const isId = /^(?:m-\d+|[a-z]+-[0-9a-f]{8}-[0-9a-f-]{27}(?:@\d+)?)$/.test(argument)
    const request = { agentId: agent.id, ...(isId ? { ids: [argument] } : { query: argument }) }
    const preview = await client.forgetting().preview(request)
    const lines = renderPreview(preview)
    if (preview.items.length === 0) return lines
    this.#proposed = { request, token: preview.token }
    return [...lines, 'Forget all of this for good? y or n.']
  }

  /** Takes a line as the answer. */
  async decide({ client }: Session, line: string): Promise<readonly string[]> {
    const proposed = this.#proposed
    if (proposed === null) return []
    if (!/^(?:y|yes|n|no)$/i.test(line.trim())) return ['Forget all of this for good? y or n.']
    this.#proposed = null
    if (/^n/i.test(line.trim())) return ['Nothing was forgotten.']
    return renderReceipt(await client.forgetting().confirm(proposed.request, proposed.token))
  }
}
