import type { QuestionKind, TableQuestion, TableScenario } from './offline-table.ts'

/** What an answer was worth. */
export interface Verdict {
  readonly right: boolean
  /** Why not; empty when it was right. */
  readonly problem: string
}

/**
 * Judges the reply of an agent that can only quote.
 *
 * Right is: an answer that contains what was told, before anything outdated; for a question that cannot be answered, a
 * reply that quotes none of the statements.
 */
export function judgeAnswer(
  scenario: TableScenario,
  question: TableQuestion,
  reply: string,
): Verdict {
  const text = reply.toLowerCase()
  if (question.expected === null) {
    const quoted = scenario.statements.find((statement) => text.includes(statement.toLowerCase()))
    return quoted === undefined ? right : wrong(`should decline, quotes ${JSON.stringify(quoted)}`)
  }
  const at = text.indexOf(question.expected.toLowerCase())
  if (at < 0) return wrong(`lacks ${JSON.stringify(question.expected)}`)
  const outdatedAt = question.outdated === null ? -1 : text.indexOf(question.outdated.toLowerCase())
  if (outdatedAt >= 0 && outdatedAt < at)
    return wrong(`puts ${JSON.stringify(question.outdated)} first`)
  return right
}

/** One judged question. */
export interface JudgedQuestion extends Verdict {
  readonly question: TableQuestion
}

/** Right answers and questions, in all and by kind. */
export interface TableScore {
  readonly right: number
  readonly total: number
  readonly byKind: Readonly<
    Record<QuestionKind, { readonly right: number; readonly total: number }>
  >
  /** The wrong ones, one line each. */
  readonly problems: readonly string[]
}

/** Counts verdicts. */
export function scoreTable(judged: readonly JudgedQuestion[]): TableScore {
  const count = (kind?: QuestionKind) => {
    const counted = judged.filter(({ question }) => kind === undefined || question.kind === kind)
    return { right: counted.filter((verdict) => verdict.right).length, total: counted.length }
  }
  return {
    ...count(),
    byKind: {
      paraphrased: count('paraphrased'),
      updated: count('updated'),
      unanswerable: count('unanswerable'),
    },
    problems: judged
      .filter((verdict) => !verdict.right)
      .map(
        ({ question, problem }) => `${question.id} ${question.kind} ${question.text} ${problem}`,
      ),
  }
}

const right: Verdict = { right: true, problem: '' }

function wrong(problem: string): Verdict {
  return { right: false, problem }
}
