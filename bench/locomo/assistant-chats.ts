import { createAssistantChat } from '../../src/testing/assistant-chat.ts'
import type { Chat } from './read-chats.ts'

/** When the first turn of each chat is said. */
const begin = Date.UTC(2026, 0, 5, 9)

/** Made-up chats of a user and an assistant in the shape of the others, one for each seed: two turns a minute, one session. */
export function createAssistantChats(seeds: readonly number[]): readonly Chat[] {
  return seeds.map((seed) => {
    const { turns, questions } = createAssistantChat(seed, 80)
    const idOf = (turn: number): string => `D1:${turn + 1}`
    return {
      id: `assistant-${seed}`,
      speakers: ['', ''],
      turns: turns.map(({ role, text }, turn) => ({
        id: idOf(turn),
        session: 1,
        speaker: '',
        role,
        text,
        at: begin + turn * 30_000,
      })),
      questions: questions.map(({ text, answer, about }) => ({
        text,
        category: about === 'user' ? 4 : 1,
        gold: [idOf(answer)],
      })),
    }
  })
}
