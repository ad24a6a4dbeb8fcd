import type { Fact } from '../domain/fact.ts'
import { countTokens } from '../llm/count-tokens.ts'
import { analyse } from '../memory/analysis/analyse.ts'
import { tellFact } from '../memory/facts/tell-fact.ts'
import { quoteAsData } from '../memory/quote.ts'
import { commonWords } from '../memory/search/common-words.ts'
import { promptFacts } from '../storage/contract/turn-store.ts'

/** The most tokens that instructions take in a prefix, and the most that facts do. */
const instructionBudget = 1000
const factBudget = 1500
/** The most instructions that are shown again before a message they are about. */
const shownAgain = 3

/** What is known of one subject and attribute, or one instruction, on a line. */
export interface FactLine {
  /** The slot, or what tells an instruction from others. */
  readonly key: string
  readonly kind: Fact['kind']
  readonly text: string
  /** The facts it was made from. */
  readonly ids: readonly string[]
}

/** What a prompt says of facts. */
export interface ChosenFacts {
  readonly lines: readonly FactLine[]
  /** How many others of those that were read do not fit. */
  readonly hidden: Readonly<Record<Fact['kind'], number>>
  /** Whether there may be more than what was read, so that `hidden` counts the least of them. */
  readonly isPart: boolean
}

/**
 * The lines that fit into the budgets, of facts as they were read: instructions first, then what became known last. By key,
 * so that the order says nothing about when.
 */
export function chooseFacts(facts: readonly Fact[], timezone: string): ChosenFacts {
  const all = toLines(facts, timezone)
  const chosen: FactLine[] = []
  const left = { instruction: instructionBudget, fact: factBudget }
  for (const line of all) {
    const size = countTokens(line.text)
    if (size > left[line.kind]) continue
    left[line.kind] -= size
    chosen.push(line)
  }
  const lines = chosen.toSorted((one, other) => (one.key < other.key ? -1 : 1))
  const hidden = (of: Fact['kind']): number =>
    all.filter(({ kind }) => kind === of).length - lines.filter(({ kind }) => kind === of).length
  return {
    lines,
    hidden: { instruction: hidden('instruction'), fact: hidden('fact') },
    isPart: facts.length >= promptFacts,
  }
}

/** The part of a prefix that tells facts; empty without any. */
export function renderFacts({ lines, hidden, isPart }: ChosenFacts): string {
  const instructions = lines.filter(({ kind }) => kind === 'instruction')
  const facts = lines.filter(({ kind }) => kind === 'fact')
  const least = isPart ? 'At least ' : ''
  // Instructions are read first.
  const hasFacts = facts.length + hidden.fact > 0
  const sections = [
    ...(instructions.length + hidden.instruction === 0
      ? []
      : [
          '<standing_instructions>',
          'What the user wants always or never done, until they say otherwise:',
          ...instructions.map(({ text }) => `- ${text}`),
          ...(hidden.instruction === 0
            ? []
            : [
                `${hasFacts ? '' : least}${hidden.instruction} more stand: shown before a message that they are about, and listed by standing_instructions.`,
              ]),
          '</standing_instructions>',
        ]),
    ...(hasFacts
      ? [
          '<known_facts>',
          ...facts.map(({ text }) => `- ${text}`),
          ...(hidden.fact === 0
            ? []
            : [`${least}${hidden.fact} more are stored; recall_facts finds them.`]),
          '</known_facts>',
        ]
      : []),
  ]
  return sections.join('\n')
}

/** What a reader of these lines has been shown. */
export function shownFacts({
  lines,
}: Pick<ChosenFacts, 'lines'>): Readonly<Record<string, string>> {
  return Object.fromEntries(lines.map(({ key, text }) => [key, text]))
}

/** What a tail says of facts, and the facts it was made from. */
export interface FactChanges {
  readonly lines: readonly string[]
  readonly ids: readonly string[]
  /** What the reader has been shown once it has read them. */
  readonly shown: Readonly<Record<string, string>>
}

/** What has changed of facts since a reader was shown some; `facts` is all that holds now. */
export function factChanges(
  facts: readonly Fact[],
  shown: Readonly<Record<string, string>>,
  timezone: string,
): FactChanges {
  const chosen = chooseFacts(facts, timezone)
  const changed = chosen.lines.filter(({ key, text }) => shown[key] !== text)
  const known = new Set(toLines(facts, timezone).map(({ key }) => key))
  const gone = Object.entries(shown).filter(([key]) => !known.has(key))
  const isInstruction = (key: string): boolean => key.startsWith(instructionKey)
  return {
    lines: [
      ...changed.map(({ kind, text }) =>
        kind === 'instruction' ? `New standing instruction: ${text}` : `Known fact: ${text}`,
      ),
      ...gone.map(([key, text]) =>
        isInstruction(key)
          ? `No longer a standing instruction: ${text}`
          : `No longer known as true: ${text}`,
      ),
    ],
    ids: changed.flatMap(({ ids }) => ids),
    shown: {
      ...Object.fromEntries(Object.entries(shown).filter(([key]) => known.has(key))),
      ...shownFacts(chosen),
    },
  }
}

/** What a reader has been shown of facts once a tool has told it what became of some. */
export function shownAfterEdits(
  shown: Readonly<Record<string, string>>,
  edited: { readonly before: readonly Fact[]; readonly after: readonly Fact[] },
  timezone: string,
): Readonly<Record<string, string>> {
  const touched = new Set(edited.before.map(keyOf))
  return {
    ...Object.fromEntries(Object.entries(shown).filter(([key]) => !touched.has(key))),
    ...shownFacts({ lines: toLines(edited.after, timezone) }),
  }
}

/**
 * The instructions that a message is likely about: those that share a word with it that is not an everyday one, the most
 * alike first.
 */
export function instructionsFor(facts: readonly Fact[], text: string): readonly Fact[] {
  const instructions = facts.filter(({ kind }) => kind === 'instruction')
  if (instructions.length === 0) return []
  const said = new Set(analyse(text))
  if (said.size === 0) return []
  return instructions
    .map((fact) => {
      const own = new Set(analyse(fact.value))
      const telling = [...own].filter((term) => !commonWords.has(term))
      const wanted = telling.length === 0 ? [...own] : telling
      const common = wanted.filter((term) => said.has(term)).length
      return { fact, share: wanted.length === 0 ? 0 : common / wanted.length }
    })
    .filter(({ share }) => share > 0)
    .toSorted((one, other) => other.share - one.share)
    .slice(0, shownAgain)
    .map(({ fact }) => fact)
}

const instructionKey = 'instruction\n'

/** One line for each slot and each instruction, in the order of their first facts. */
function toLines(facts: readonly Fact[], timezone: string): readonly FactLine[] {
  return [...Map.groupBy(facts, keyOf)].map(([key, group]) => {
    const kind = group[0]?.kind ?? 'fact'
    const sorted = group.toSorted(
      (one, other) => one.validFrom - other.validFrom || (one.id < other.id ? -1 : 1),
    )
    const isContested = sorted.some((fact) => fact.isContested)
    const texts = sorted.map((fact) => {
      if (kind === 'instruction') return quoteAsData(fact.value)
      return `${tellFact(fact, timezone)}${isContested ? `, from ${fact.origin}` : ''}`
    })
    const text = isContested
      ? `${texts.join(' or ')}: these contradict each other, and nothing says which is true`
      : texts.join('; ')
    return { key, kind, text, ids: sorted.map(({ id }) => id) }
  })
}

function keyOf({ kind, slot, valueKey }: Fact): string {
  return kind === 'instruction' ? `${instructionKey}${valueKey}` : slot
}
