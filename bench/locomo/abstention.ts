import type { MemoryUnderTest } from './memory-under-test.ts'
import type { Chat } from './read-chats.ts'
import { toShare, type Share } from './score.ts'

/** How well the product says that it has nothing. */
export interface Abstention {
  /** Of the questions it said so of, the share that has no answer. */
  readonly precision: Share
  /** Of the questions without an answer, the share it said so of. */
  readonly recall: Share
  readonly count: number
}

/** The most questions of each kind for one chat. */
const perChat = 80

/** Asks each chat its own questions, and as many of the next chat with the names exchanged. */
export async function measureAbstention(
  memory: MemoryUnderTest,
  chats: readonly Chat[],
): Promise<Abstention> {
  const said: { readonly isAnswerable: boolean; readonly isRelevant: boolean }[] = []
  for (const [index, chat] of chats.entries()) {
    const other = chats[(index + 1) % chats.length]
    if (other === undefined || other === chat) continue
    const ask = async (text: string, isAnswerable: boolean): Promise<void> => {
      const { isRelevant } = await memory.search(chat, text, 'all')
      said.push({ isAnswerable, isRelevant })
    }
    for (const { text } of answerable(chat)) await ask(text, true)
    for (const { text } of answerable(other)) await ask(rename(text, other, chat), false)
  }
  const declined = said.filter(({ isRelevant }) => !isRelevant)
  const unanswerable = said.filter(({ isAnswerable }) => !isAnswerable)
  return {
    precision: toShare(declined.map(({ isAnswerable }) => (isAnswerable ? 0 : 1))),
    recall: toShare(unanswerable.map(({ isRelevant }) => (isRelevant ? 0 : 1))),
    count: said.length,
  }
}

function answerable(chat: Chat): Chat['questions'] {
  return chat.questions.filter(({ category }) => category !== 5).slice(0, perChat)
}

function rename(text: string, from: Chat, to: Chat): string {
  return from.speakers.reduce(
    (renamed, name, index) => renamed.replaceAll(name, to.speakers[index] ?? name),
    text,
  )
}
