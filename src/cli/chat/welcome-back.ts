import { toOneLine } from './terminal-text.ts'

/** What the line at the beginning of a chat is made from. */
export interface WelcomeFacts {
  readonly agentName: string
  readonly model: string
  /** Null in a new conversation. */
  readonly lastSpokenAt: Date | null
  /** The text of the block `task`; empty when there is none. */
  readonly task: string
  /** How many runs have not ended. */
  readonly openRuns: number
  readonly now: Date
}

/** One line: who answers, and where the conversation stands. */
export function renderWelcome(facts: WelcomeFacts): string {
  const parts = [`${facts.agentName} (${facts.model})`]
  if (facts.lastSpokenAt === null) parts.push('a new conversation')
  else parts.push(`last spoken ${describeAge(facts.now.getTime() - facts.lastSpokenAt.getTime())}`)
  if (facts.task.trim() !== '') parts.push(`task: ${toOneLine(facts.task, 80)}`)
  if (facts.openRuns > 0) {
    parts.push(facts.openRuns === 1 ? 'one open run' : `${facts.openRuns} open runs`)
  }
  parts.push('/help lists commands')
  return parts.join(' · ')
}

const units = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
] as const

/** How long ago something was, in the largest unit that fits. */
export function describeAge(milliseconds: number): string {
  for (const [name, size] of units) {
    const count = Math.floor(milliseconds / size)
    if (count >= 1) return `${count} ${name}${count === 1 ? '' : 's'} ago`
  }
  return 'just now'
}
