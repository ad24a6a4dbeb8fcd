import { toOneLine } from '../chat/terminal-text.ts'
import type { CliContext } from '../context.ts'
import type { MemoryAnswer, MemoryAnswers, MemoryResult } from './ask-memory.ts'
import { printJson, printLines, shortTime } from './print.ts'

/** How many characters of a text are shown on its line. */
const shownLength = 200

/** The kinds of memory as people call them, in the order they are shown. */
export const titles = { messages: 'messages', passages: 'archival memory', facts: 'facts' } as const

function listAnswers(
  answers: MemoryAnswers,
): readonly { readonly title: string; readonly answer: MemoryAnswer }[] {
  return (['messages', 'passages', 'facts'] as const).map((kind) => ({
    title: titles[kind],
    answer: answers[kind],
  }))
}

/** Why a search found nothing, once where the reasons are the same. */
export function whyNothing(answers: MemoryAnswers): string {
  const reasons = listAnswers(answers).flatMap(({ title, answer: { reason } }) =>
    reason === null ? [] : [{ title, reason }],
  )
  const [first] = reasons
  if (first === undefined) return 'Nothing found.'
  if (reasons.every(({ reason }) => reason === first.reason)) {
    return `Nothing found. ${first.reason}`
  }
  return ['Nothing found.', ...reasons.map(({ title, reason }) => `  ${title}: ${reason}`)].join(
    '\n',
  )
}

/** Prints how each result of a search was found. */
export function printExplained(
  context: CliContext,
  answers: MemoryAnswers,
  options: { readonly json: boolean; readonly timezone: string },
): void {
  const listed = listAnswers(answers)
  if (options.json) {
    const named = listed.map(({ title, answer }) => [title.replace(' ', '_'), answer])
    printJson(context, Object.fromEntries(named))
    return
  }
  printLines(
    context,
    listed.flatMap(({ title, answer }) => toLines(title, answer, options.timezone)),
  )
}

function toLines(
  title: string,
  { results, reason, explanation, has_more: more }: MemoryAnswer,
  timezone: string,
): string[] {
  const head = explanation === null ? title : `${title}: ${toSummary(explanation)}`
  const lines = results.flatMap(
    ({ relevance, passage, message_type: type, content, created_at: at }) => {
      const who = passage === undefined ? (type ?? '').replace('_message', '') : 'passage'
      const text =
        passage?.text ?? (typeof content === 'string' ? content : JSON.stringify(content))
      const date = shortTime(passage?.created_at ?? at ?? null, timezone)
      return [
        `  ${relevance.score.toFixed(2)}  ${date}  ${who}: ${toOneLine(text, shownLength)}`,
        `        ${toReason(relevance)}`,
      ]
    },
  )
  return [head, ...(reason === null ? [] : [`  ${reason}`]), ...lines, ...(more ? ['  …'] : [])]
}

function toSummary(explanation: NonNullable<MemoryAnswer['explanation']>): string {
  const words = explanation.terms
    .map(({ word, documents, asked }) => `${word} (${documents}${asked ? '' : ', too common'})`)
    .join(', ')
  const how = explanation.complete ? 'all scored' : 'the index chose'
  const notes = [
    ...(explanation.asks_when ? ['asks for a time'] : []),
    ...(explanation.asks_agent ? ['asks for what the agent said'] : []),
    ...explanation.ranges.map(({ phrase }) => `speaks of "${phrase}"`),
    ...toDenseNote(explanation.dense ?? null),
    ...(explanation.relevant || explanation.ranked === 0 ? [] : ['nothing matches well']),
  ]
  const counts = `${explanation.ranked} of ${explanation.stored} rank, ${explanation.considered} looked at, ${how}`
  return [`${words}; ${counts}`, ...notes].join('; ')
}

function toDenseNote(
  dense: NonNullable<NonNullable<MemoryAnswer['explanation']>['dense']> | null,
): readonly string[] {
  if (dense === null) return []
  if (dense.failure !== null) return [`by words alone: ${dense.failure}`]
  const count = `${dense.vectors} vectors of ${dense.model}`
  return [
    dense.weight === 0 ? `${count} say nothing more` : `${count} weigh ${dense.weight.toFixed(2)}`,
  ]
}

function toReason({ coverage, parts }: MemoryResult['relevance']): string {
  const share = `holds ${(coverage * 100).toFixed(0)} % of the question`
  if (parts === null) return 'by date alone'
  const factors = (['speaker', 'when', 'range'] as const)
    .filter((name) => parts[name] !== 1)
    .map((name) => `× ${parts[name]} ${name}`)
  const session = parts.session > 0 ? [`+ ${parts.session.toFixed(2)} session`] : []
  const dense = (parts.dense ?? 0) > 0 ? [`+ ${(parts.dense ?? 0).toFixed(2)} meaning`] : []
  return [`${parts.text.toFixed(2)} text`, ...factors, ...session, ...dense, share].join(' ')
}
