import type { MemoryUnderTest } from './memory-under-test.ts'
import type { Chat } from './read-chats.ts'
import { toShare, type Share } from './score.ts'

/** What a turn is shown without that a tool is called. */
export interface RecallFigures {
  /** The share of a question's answers that is shown. */
  readonly answers: Share
  /** The share of questions with all answers shown. */
  readonly all: Share
  /** Extracts and tokens of a turn, in the mean. */
  readonly extracts: number
  readonly tokens: number
}

/** Says each question to the automatic recall of its chat, as if none of it were in view any more. */
export async function measureRecall(
  memory: MemoryUnderTest,
  chats: readonly Chat[],
): Promise<RecallFigures> {
  const answers: number[] = []
  let [extracts, tokens] = [0, 0]
  for (const chat of chats) {
    for (const { text, gold } of chat.questions) {
      const shown = await memory.recall(chat, text)
      answers.push(gold.filter((id) => shown.ids.includes(id)).length / gold.length)
      extracts += shown.ids.length
      tokens += shown.tokens
    }
  }
  return {
    answers: toShare(answers),
    all: toShare(answers.map((share) => (share === 1 ? 1 : 0))),
    extracts: extracts / answers.length,
    tokens: tokens / answers.length,
  }
}
