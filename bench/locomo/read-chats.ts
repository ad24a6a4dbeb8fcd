import { existsSync, readFileSync } from 'node:fs'
import { z } from 'zod'

/** One turn of a chat. */
export interface Turn {
  /** Such as `D1:3`: session 1, turn 3. */
  readonly id: string
  readonly session: number
  /** Empty for a user and an assistant, who have no names. */
  readonly speaker: string
  /** Default: user, as both people of a chat are to the agent that reads it. */
  readonly role?: 'user' | 'assistant'
  readonly text: string
  /** Epoch milliseconds; turns of a session are a second apart. */
  readonly at: number
}

/** A question with the turns that hold its answer. */
export interface Question {
  readonly text: string
  /** 1 several turns, 2 time, 3 inference, 4 one turn, 5 adversarial. */
  readonly category: number
  readonly gold: readonly string[]
}

/** A chat between two people with questions about it. */
export interface Chat {
  readonly id: string
  readonly speakers: readonly [string, string]
  readonly turns: readonly Turn[]
  readonly questions: readonly Question[]
}

const turnSchema = z.looseObject({ speaker: z.string(), dia_id: z.string(), text: z.string() })
const chatSchema = z.looseObject({
  sample_id: z.string(),
  conversation: z.looseObject({ speaker_a: z.string(), speaker_b: z.string() }),
  qa: z.array(
    z.looseObject({
      question: z.string(),
      category: z.number(),
      evidence: z.array(z.string()).optional(),
    }),
  ),
})

/** What to say when there is no data. */
export const missingData = `Cannot measure LoCoMo: its data is not part of this repository (CC BY-NC 4.0). Take data/locomo10.json
from the repository snap-research/locomo, or any file of that shape, and name it: npm run bench -- locomo --data <path>
`

/** The chats of a file of the LoCoMo shape; null when there is no such file. */
export function readChats(path: string | undefined): readonly Chat[] | null {
  if (path === undefined || !existsSync(path)) return null
  const chats = z.array(chatSchema).parse(JSON.parse(readFileSync(path, 'utf8')))
  return chats.map((chat) => {
    const turns = readTurns(chat.conversation)
    const known = new Set(turns.map(({ id }) => id))
    const questions = chat.qa.map(({ question, category, evidence = [] }) => ({
      text: question,
      category,
      gold: [...new Set(evidence.flatMap((text) => text.match(/D\d+:\d+/g) ?? []))].filter((id) =>
        known.has(id),
      ),
    }))
    const { speaker_a: first, speaker_b: second } = chat.conversation
    return {
      id: chat.sample_id,
      speakers: [first, second],
      turns,
      questions: questions.filter(({ gold }) => gold.length > 0),
    }
  })
}

function readTurns(conversation: Readonly<Record<string, unknown>>): readonly Turn[] {
  const sessions = Object.keys(conversation)
    .flatMap((key) => /^session_(\d+)$/.exec(key)?.[1] ?? [])
    .map(Number)
    .toSorted((left, right) => left - right)
  return sessions.flatMap((session) => {
    const begun = readTime(String(conversation[`session_${session}_date_time`]))
    const turns = z.array(turnSchema).parse(conversation[`session_${session}`])
    return turns
      .filter(({ text }) => text.trim() !== '')
      .map(({ speaker, dia_id: id, text }, index) => {
        return { id, session, speaker, text, at: begun + index * 1000 }
      })
  })
}

/** Reads "1:56 pm on 8 May, 2023". */
function readTime(text: string): number {
  const match = /^(\d+:\d+) ([ap]m) on (\d+) (\w+),? (\d{4})$/.exec(text.trim())
  const time =
    match === null
      ? Number.NaN
      : Date.parse(`${match[3]} ${match[4]} ${match[5]} ${match[1]} ${match[2]} UTC`)
  if (Number.isNaN(time)) throw new Error(`Cannot read the time of a session: ${text}`)
  return time
}
