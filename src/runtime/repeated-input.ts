import { isCutFrom } from '../domain/forget.ts'
import { messageText, type Message } from '../domain/message.ts'
import type { Run } from '../domain/run.ts'
import type { TenantScope } from '../domain/scope.ts'
import { AppError } from '../errors/app-error.ts'
import type { RuntimeParts } from './runtime-parts.ts'
import type { MessageInput } from './runtime.ts'

/** How many messages of a run are looked at; a request has far fewer. */
const mostMessages = 1000

/**
 * Sees to it that an input that counts as accepted before, because of an `otid`, says nothing new: that would be lost, as
 * such an input is not stored again. What has been forgotten since cannot be compared and passes.
 *
 * @throws AppError `otid_reused` when it says something else, or more.
 */
export async function requireNothingNew(
  { store }: Pick<RuntimeParts, 'store'>,
  scope: TenantScope,
  given: { readonly run: Run; readonly messages: readonly MessageInput[] },
): Promise<void> {
  const { run, messages } = given
  const stored = await store.listMessages(scope, {
    runId: run.id,
    roles: ['user', 'system', 'assistant'],
    limit: mostMessages,
    order: 'asc',
  })
  for (const input of messages) {
    if (stored.some((message) => saysTheSame(message, input))) continue
    const kept = stored.find(({ otid }) => otid === input.otid)
    if (kept !== undefined && isCutFrom(messageText(kept), messageText(input))) {
      throw inputCut(messages, run)
    }
    if (kept !== undefined || !(await wasAccepted({ store }, scope, { run, otid: input.otid }))) {
      throw otidReused(messages, run)
    }
  }
}

/** Whether an `otid` came with the input of a run, kept or not. */
async function wasAccepted(
  { store }: Pick<RuntimeParts, 'store'>,
  scope: TenantScope,
  { run, otid }: { readonly run: Run; readonly otid: string | null },
): Promise<boolean> {
  if (otid === null) return false
  const { conversationId } = run
  return (await store.findRunByOtid(scope, { conversationId, otid }))?.id === run.id
}

function saysTheSame(stored: Message, input: MessageInput): boolean {
  return (
    (input.otid === null || stored.otid === input.otid) &&
    stored.role === input.role &&
    stored.content.length === input.content.length &&
    messageText(stored) === messageText(input)
  )
}

/** Says that a message came again after words of it were forgotten, which are not taken in a second time. */
function inputCut(sent: readonly MessageInput[], run: Run): AppError {
  const otids = listOtids(sent)
  return new AppError(
    'otid_reused',
    `Cannot accept the messages: an otid of theirs (${otids.join(', ')}) was accepted before, in ${run.id}, and words of it were forgotten since. ` +
      'Send them with another otid to say them anew.',
    { data: { otids, run_id: run.id, reason: 'forgotten' } },
  )
}

function listOtids(sent: readonly { readonly otid: string | null }[]): readonly string[] {
  return sent.flatMap(({ otid }) => (otid === null ? [] : [otid]))
}

/** Says that words came with an `otid` that stands for others. */
export function otidReused(sent: readonly { readonly otid: string | null }[], run: Run): AppError {
  const otids = listOtids(sent)
  return new AppError(
    'otid_reused',
    `Cannot accept the messages: an otid of theirs (${otids.join(', ')}) came with other words before, which stand, in ${run.id}. ` +
      'Send what is new by itself, with an otid of its own.',
    { data: { otids, run_id: run.id } },
  )
}
