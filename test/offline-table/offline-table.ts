import { developmentTopics } from './development-topics.ts'
import { heldOutTopics } from './held-out-topics.ts'
import type { Topic } from './topic.ts'

/** Which half of the table: one to choose thresholds on, one to measure on. They share no topic, value or sentence. */
export type TableSplit = 'development' | 'held-out'

/** What a question asks of memory. */
export type QuestionKind = 'paraphrased' | 'updated' | 'unanswerable'

/** A question to one agent. */
export interface TableQuestion {
  /** Unique in its table. */
  readonly id: string
  readonly kind: QuestionKind
  readonly text: string
  /** What a right answer contains; null = it has to be declined. */
  readonly expected: string | null
  /** What was true before: a right answer does not put it first. Null = nothing. */
  readonly outdated: string | null
}

/** What one agent is told, and then asked. */
export interface TableScenario {
  readonly name: string
  /** What the user says, one turn each, in this order. */
  readonly statements: readonly string[]
  /** What the user asks afterwards, one turn each. */
  readonly questions: readonly TableQuestion[]
}

/** How a table is made. */
export interface TableOptions {
  readonly split: TableSplit
  /** The same seed gives the same table. Default: 1. */
  readonly seed?: number
  /** How many agents. Default: 15, which makes 120 questions. */
  readonly scenarios?: number
}

/** How many topics an agent is told about, how many of these change, and how many questions cannot be answered. */
const toldTopics = 8
const updatedTopics = 3
const nearMisses = 1
const untoldQuestions = 2
const paraphrasedQuestions = 2

/**
 * Makes a table of agents, each told eight things of which three change, and asked two that stayed, three that changed
 * and three that were never told. Pure: the same options give the same table.
 */
export function createOfflineTable(options: TableOptions): readonly TableScenario[] {
  const { split, seed = 1, scenarios = 15 } = options
  const topics = split === 'development' ? developmentTopics : heldOutTopics
  const random = createRandom(seed)
  return Array.from({ length: scenarios }, (_, index) =>
    createScenario(`${split}-${seed}-${index + 1}`, topics, random),
  )
}

function createScenario(name: string, topics: readonly Topic[], random: Random): TableScenario {
  const shuffled = random.shuffle(topics)
  const told = shuffled.slice(0, toldTopics).map((topic) => toFact(topic, random))
  const untold = shuffled.slice(toldTopics)
  const changed = told.slice(0, updatedTopics)
  const kept = told.slice(updatedTopics)
  const missed = kept[paraphrasedQuestions]
  const questions = [
    ...changed.map((fact) => ask(fact, 'updated')),
    ...kept.slice(0, paraphrasedQuestions).map((fact) => ask(fact, 'paraphrased')),
    ...(missed === undefined ? [] : missed.nearMisses.slice(0, nearMisses).map(decline)),
    ...untold.slice(0, untoldQuestions).map((topic) => decline(random.pick(topic.asks))),
  ]
  return {
    name,
    statements: [
      ...random.shuffle(told).map((fact) => fact.statement),
      ...random.shuffle(changed).map((fact) => fact.update),
    ],
    questions: random
      .shuffle(questions)
      .map((question, index) => ({ ...question, id: `${name}-${index + 1}` })),
  }
}

interface Fact {
  readonly statement: string
  readonly update: string
  readonly question: string
  readonly first: string
  readonly second: string
  readonly nearMisses: readonly string[]
}

type Question = Omit<TableQuestion, 'id'>

function toFact(topic: Topic, random: Random): Fact {
  const [first = '', second = ''] = random.shuffle(topic.values)
  return {
    statement: random.pick(topic.tells).replace('{value}', first),
    update: random.pick(topic.updates).replace('{value}', second),
    question: random.pick(topic.asks),
    first,
    second,
    nearMisses: random.shuffle(topic.nearMisses),
  }
}

function ask(fact: Fact, kind: 'paraphrased' | 'updated'): Question {
  return kind === 'updated'
    ? { kind, text: fact.question, expected: fact.second, outdated: fact.first }
    : { kind, text: fact.question, expected: fact.first, outdated: null }
}

function decline(text: string): Question {
  return { kind: 'unanswerable', text, expected: null, outdated: null }
}

interface Random {
  pick<Item>(items: readonly Item[]): Item
  shuffle<Item>(items: readonly Item[]): readonly Item[]
}

/** A small seeded generator (mulberry32): good enough to shuffle, the same everywhere. */
function createRandom(seed: number): Random {
  let state = seed >>> 0
  function below(limit: number): number {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit
  }
  return {
    pick(items) {
      const item = items[below(items.length)]
      if (item === undefined) throw new RangeError('Cannot pick from an empty list')
      return item
    },
    shuffle(items) {
      const keyed = items.map((item) => ({ item, key: below(0x7fffffff) }))
      return keyed.toSorted((left, right) => left.key - right.key).map(({ item }) => item)
    },
  }
}
